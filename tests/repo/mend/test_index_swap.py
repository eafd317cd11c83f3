"""An index that takes the place of another, by git's rules."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hfpush.errors import Busy, SourceChanged
from hfpush.repo.mend.index_swap import NewIndex
from hfpush.repo.repository import Repository


@pytest.fixture
def repo(new_repo: Callable[..., Any]) -> Any:
    place = new_repo()
    place.write("f", b"1")
    place.commit()
    return place


def listed(git_dir: Path) -> list[str]:
    return sorted(name for name in os.listdir(git_dir) if name.startswith("index"))


def test_it_changes_nothing_until_it_is_put_in_place(repo: Any) -> None:
    before = repo.git("ls-files")
    new = NewIndex(Repository.open(repo.path))
    new.run("update-index", "--force-remove", "f")
    assert repo.git("ls-files") == before
    new.swap()
    new.drop()
    assert repo.git("ls-files") == ""
    assert listed(repo.path / ".git") == ["index"]


def test_a_lock_of_another_git_is_respected(repo: Any) -> None:
    (repo.path / ".git/index.lock").write_bytes(b"")
    new = NewIndex(Repository.open(repo.path))
    with pytest.raises(Busy) as error:
        new.swap()
    assert error.value.finding.reference == "index-locked"
    assert (repo.path / ".git/index.lock").exists()


def test_an_index_that_was_changed_meanwhile_is_not_overwritten(repo: Any) -> None:
    new = NewIndex(Repository.open(repo.path))
    repo.write("g", b"2")
    repo.git("add", "g")
    with pytest.raises(SourceChanged) as error:
        new.swap()
    new.drop()
    assert error.value.finding.reference == "index-changed"
    assert repo.git("ls-files").split() == ["f", "g"]
    assert listed(repo.path / ".git") == ["index"]


@pytest.mark.parametrize("linked", [True, False], ids=["a second name", "a copy"])
def test_what_a_killed_run_left_is_cleared_also_its_lock(repo: Any, linked: bool) -> None:
    git_dir = repo.path / ".git"
    making = git_dir / "index.hfpush-00000000"
    making.write_bytes(b"an index")
    (git_dir / "index.hfpush-00000000.lock").write_bytes(b"")
    if linked:
        os.link(making, git_dir / "index.lock")
    else:
        (git_dir / "index.lock").write_bytes(b"an index")
    new = NewIndex(Repository.open(repo.path))
    new.swap()
    new.drop()
    assert listed(git_dir) == ["index"]
