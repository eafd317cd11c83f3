from __future__ import annotations

import time
from pathlib import Path

import pytest
from support.ailing import Room
from support.ailments.repositories import commit, git, lfs_repo, new_repo, stored, unpushed_submodule, write

from hfpush.commands.doctor_files import Files, glance_at_files, look_at_files
from hfpush.diagnose.facts.repository import Corrupt
from hfpush.repo.repository import Repository


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def looked_at(repo: Path, *, seconds: float = 30.0, hash_bytes: int = 2**20) -> Files:
    return look_at_files(Repository.around(repo), time.monotonic() + seconds, hash_bytes)


@pytest.mark.needs("git-lfs")
def test_files_that_are_there_are_counted_and_their_objects_read(room: Room) -> None:
    repo = lfs_repo(room)
    write(repo, {"copy.bin": (repo / "model.bin").read_bytes(), "small.bin": "a"})
    commit(repo)
    found = looked_at(repo)
    assert (found.count, found.largest, found.text_count, found.hashed, found.corrupt) == (3, 57_000, 0, 2, [])
    assert found.whole


@pytest.mark.needs("git-lfs")
def test_pointers_in_place_of_files_are_told_with_what_is_to_be_fetched(room: Room) -> None:
    repo = lfs_repo(room)
    write(repo, {"model.bin": git(repo, "cat-file", "blob", "HEAD:model.bin") + "\n"})
    found = looked_at(repo)
    assert (found.texts, found.text_count, found.text_bytes) == (["model.bin"], 1, 0)
    stored(repo).unlink()
    assert looked_at(repo).text_bytes == 57_000
    (repo / "model.bin").unlink()
    assert looked_at(repo).text_count == 0


@pytest.mark.needs("git-lfs")
def test_a_glance_tells_the_same_of_a_work_tree_without_its_objects(room: Room) -> None:
    repo = lfs_repo(room)
    write(repo, {"folder/two.bin": "small", "text.txt": "text"})
    commit(repo)
    found = glance_at_files(Repository.around(repo))
    assert (found.count, found.largest, found.text_count, found.hashed) == (2, 57_000, 0, 0)
    write(repo, {"model.bin": git(repo, "cat-file", "blob", "HEAD:model.bin") + "\n"})
    found = glance_at_files(Repository.around(repo))
    assert (found.largest, found.texts, found.text_count, found.text_bytes) == (57_000, ["model.bin"], 1, 0)


@pytest.mark.needs("git-lfs")
@pytest.mark.parametrize("in_tree", [True, False])
def test_an_object_whose_content_is_another_is_found(room: Room, in_tree: bool) -> None:
    repo = lfs_repo(room)
    file = stored(repo)
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[::-1])
    if not in_tree:
        (repo / "model.bin").unlink()
    assert looked_at(repo).corrupt == [Corrupt(str(file), "model.bin", in_tree)]
    assert looked_at(repo, hash_bytes=1000).hashed == 0


def test_a_repository_without_lfs_or_without_a_commit_has_none(room: Room) -> None:
    assert looked_at(new_repo(room)).count == 0
    git(room.place, "init", "-q", "unborn")
    assert looked_at(room.place / "unborn") == Files()


def test_submodules_whose_commit_no_remote_has_are_named(room: Room) -> None:
    told = unpushed_submodule(room)
    assert told.cwd is not None
    found = looked_at(told.cwd)
    assert (found.submodules, found.unpushed_submodules) == (1, ["inner"])
    git(told.cwd / "inner", "push", "-q", "origin", "HEAD:main")
    assert looked_at(told.cwd).unpushed_submodules == []
