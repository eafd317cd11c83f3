"""YAML of people: its keys have lines, and nothing else is let in. What else is refused, test_load.py has."""

from __future__ import annotations

from pathlib import Path

import pytest

from hfpush.errors import Misuse
from hfpush.settings.plain_yaml import read_plain_yaml


def test_each_key_has_its_line(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("# a word\nuse: corp\nendpoints:\n  corp:\n    url: x\n\n    kind: hub\n")
    found = read_plain_yaml(file)
    assert found.data == {"use": "corp", "endpoints": {"corp": {"url": "x", "kind": "hub"}}}
    assert found.at("endpoints", "corp", "kind") == f"{file}, line 7"
    assert found.at("nothing") == str(file)


def test_no_file_and_an_empty_one_say_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("# nothing\n")
    assert read_plain_yaml(tmp_path / "none.yaml").data == {}
    assert read_plain_yaml(tmp_path / "empty.yaml").data == {}


@pytest.mark.parametrize(
    "text", ["a: [", "a: &x 1\nb: *x\n", "- a\n", "text", "a: !!python/name:os.system x\n", "a: 1\n---\nb: 2\n"]
)
def test_anything_else_is_a_misuse_that_names_the_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(Misuse) as caught:
        read_plain_yaml(tmp_path / "x.yaml")
    assert caught.value.finding.reference == "settings-unreadable"
    assert str(tmp_path / "x.yaml") in caught.value.finding.evidence[0]
