"""The filter's settings in a file: put, kept aside, put back."""

from __future__ import annotations

from pathlib import Path

import pytest

from hfpush.repo.filter.wiring import clear, in_force, is_git_lfs, is_ours, our_values, put, put_back, values
from hfpush.repo.process import Git

pytestmark = pytest.mark.needs("git")
GIT_LFS = """\
[filter "lfs"]
	clean = git-lfs clean -- %f
	smudge = git-lfs smudge -- %f
	process = git-lfs filter-process
	required = true
"""
OURS = our_values("'/a place/hfpush'")


@pytest.fixture
def git(tmp_path: Path) -> Git:
    return Git(tmp_path)


def test_values_are_put_and_taken_back(git: Git, home: Path) -> None:
    file = home / ".gitconfig"
    before = file.read_text()
    put(git, file, OURS)
    put(git, file, OURS)
    assert values(git, file) == OURS
    found = in_force(git)
    assert found is not None
    assert (found.process, found.file) == (OURS["process"], str(file))
    assert put_back(git, file)
    assert not put_back(git, file)
    assert file.read_text() == before
    assert in_force(git) is None


@pytest.mark.parametrize("take", [clear, lambda git, file: put(git, file, OURS)])
def test_what_stood_there_is_kept_and_put_back(git: Git, tmp_path: Path, take) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "config"
    file.write_text(GIT_LFS)
    before = values(git, file)
    take(git, file)
    assert values(git, file) in ({}, OURS)
    assert put_back(git, file)
    assert values(git, file) == before
    assert "replaced" not in file.read_text()


def test_git_lfs_that_took_over_since_then_is_left(git: Git, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(GIT_LFS.replace("git-lfs", "older-lfs"))
    clear(git, file)
    with file.open("a") as stream:
        stream.write(GIT_LFS)
    put_back(git, file)
    assert values(git, file)["process"] == "git-lfs filter-process"


def test_a_missing_file_has_no_values(git: Git, tmp_path: Path) -> None:
    assert values(git, tmp_path / "none") == {}
    assert not put_back(git, tmp_path / "none")


@pytest.mark.parametrize(
    ("process", "ours", "theirs"),
    [
        (None, False, False),
        ("git-lfs filter-process", False, True),
        ("/opt/git-lfs filter-process --skip", False, True),
        (OURS["process"], True, False),
        ("/venv/bin/python -I -m hfpush lfs filter-process", True, False),
        ("/opt/git-lfs/bin/hfpush lfs filter-process", True, False),
        ("cat", False, False),
    ],
)
def test_whose_a_filter_is_can_be_told(process: str | None, ours: bool, theirs: bool) -> None:
    assert (is_ours(process), is_git_lfs(process)) == (ours, theirs)
