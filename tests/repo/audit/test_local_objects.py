from __future__ import annotations

from pathlib import Path

import pytest
from support.command_line import git, make_repo
from support.scans import POINTER, at, blob

from hfpush.repo.audit.local_objects import damaged_sizes, likely_in_work_tree
from hfpush.repo.repository import Repository

pytestmark = pytest.mark.needs("git")


def test_what_stands_in_the_store_under_an_oid(tmp_path: Path) -> None:
    repository = Repository.open(make_repo(tmp_path / "r", {"w.bin": b"12345"}))
    [stored] = [file for file in (tmp_path / "r/.git/lfs/objects").rglob("*") if file.is_file()]
    stored.write_bytes(b"12")
    assert damaged_sizes(repository, [stored.name, "f" * 64]) == {stored.name: 2}


def test_a_file_of_the_right_size_at_the_path_is_likely_the_object(tmp_path: Path) -> None:
    repository = Repository.open(make_repo(tmp_path / "r", {"w.bin": b"12345"}))
    (tmp_path / "outside").write_bytes(b"x" * POINTER.size)
    (tmp_path / "r/link").symlink_to(tmp_path / "outside")
    (tmp_path / "r/d").symlink_to(tmp_path)
    paths = ("w.bin", "link", "d/outside", "../outside", ".git/x", "none")
    lost = [blob(130, at(path), pointer=POINTER, stored=False) for path in paths]
    assert likely_in_work_tree(repository, lost) == frozenset()
    (tmp_path / "r/w.bin").write_bytes(b"x" * POINTER.size)
    assert likely_in_work_tree(repository, lost) == {POINTER.oid}


def test_a_bare_repository_has_no_work_tree(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "b")
    assert likely_in_work_tree(Repository.around(tmp_path / "b"), [blob(130, pointer=POINTER)]) == frozenset()
