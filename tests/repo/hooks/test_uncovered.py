"""Staged pointers whose lines are in the work tree alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.hooked import Place

from hfpush.repo.hooks.uncovered import Unstaged, unstaged_attributes
from hfpush.repo.repository import Repository

pytestmark = pytest.mark.needs("git")
LINE = b"*.bin filter=lfs -text\n"


@pytest.mark.parametrize(
    ("staged", "present", "told"),
    [
        ({}, {}, None),
        ({"": LINE}, {"": LINE}, None),
        ({"": LINE}, {"": b"# more\n" + LINE}, None),
        ({}, {"": LINE}, Unstaged(("a/w.bin",), (".gitattributes",))),
        ({"": b"*.txt text\n"}, {"": LINE}, Unstaged(("a/w.bin",), (".gitattributes",))),
        ({"": b"*.txt text\n"}, {"": b"*.txt text\n", "a": LINE}, Unstaged(("a/w.bin",), ("a/.gitattributes",))),
        ({"": LINE, "a": b"*.bin -filter\n"}, {"": LINE, "a": b"\n"}, Unstaged(("a/w.bin",), ("a/.gitattributes",))),
        ({"": LINE}, {"": b"# the line is gone\n"}, None),
        ({}, {"b": LINE}, None),
    ],
)
def test_a_pointer_is_told_where_only_the_work_trees_lines_cover_it(
    tmp_path: Path, staged: dict[str, bytes], present: dict[str, bytes], told: Unstaged | None
) -> None:
    subprocess.run(["git", "init", "-q", "repo"], cwd=tmp_path, check=True, timeout=60)
    place = Place(tmp_path / "repo")
    place.write("a/w.bin", b"any")
    for folder, text in staged.items():
        place.write(f"{folder}/.gitattributes".lstrip("/"), text)
    place.done("-c", "filter.lfs.clean=cat", "add", ".")
    for folder, text in present.items():
        place.write(f"{folder}/.gitattributes".lstrip("/"), text)
    assert unstaged_attributes(Repository.around(place.path), None, ["a/w.bin"]) == told
