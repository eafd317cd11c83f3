"""A section of git's configuration: taken over, and given back as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from hfpush.repo.config_section import ConfigSection
from hfpush.repo.process import Git

pytestmark = pytest.mark.needs("git")
SECTION = ConfigSection("a.b", "kept.b", ("one", "two"), lambda found: found.get("one") == "ours")
OURS = {"one": "ours", "two": "2"}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", {}),
        ('[a "b"]\n\tone = theirs\n\tother = x\n', {"one": "theirs"}),
        ('[a "b"]\n\ttwo = theirs\n', {"two": "theirs"}),
    ],
)
def test_what_stood_there_comes_back(tmp_path: Path, text: str, kept: dict[str, str]) -> None:
    file, git = tmp_path / "config", Git(tmp_path)
    file.write_text(text)
    for _ in range(2):
        SECTION.put(git, file, OURS)
        assert SECTION.values(git, file) == OURS
    assert SECTION.put_back(git, file)
    assert SECTION.values(git, file) == kept
    assert not SECTION.put_back(git, file)


def test_what_was_kept_long_ago_does_not_come_back(tmp_path: Path) -> None:
    file, git = tmp_path / "config", Git(tmp_path)
    file.write_text('[kept "b"]\n\ttwo = old\n[a "b"]\n\tone = theirs\n')
    SECTION.clear(git, file)
    assert SECTION.values(git, file) == {}
    SECTION.put_back(git, file)
    assert SECTION.values(git, file) == {"one": "theirs"}


def test_the_value_that_holds_is_told_with_its_file(tmp_path: Path, home: Path) -> None:
    git = Git(tmp_path)
    assert SECTION.effective(git, "one") == (None, "")
    (home / ".gitconfig").write_text('[a "b"]\n\tone = x\n')
    assert SECTION.effective(git, "one") == ("x", str(home / ".gitconfig"))
