"""The store: git-lfs's layout and modes, and nothing half-made in it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from hfpush.errors import LocalTrouble
from hfpush.lfs.pointer import Pointer
from hfpush.repo.filter.store import Store, shared_mode, store_folders


def pointer(data: bytes) -> Pointer:
    return Pointer(hashlib.sha256(data).hexdigest(), len(data))


def stored(store: Store, data: bytes) -> Path:
    draft = store.draft()
    draft.write(memoryview(data))
    draft.keep(pointer(data))
    draft.discard()
    found = store.find(pointer(data))
    assert found is not None
    return found


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(store_folders(tmp_path, None))


def test_an_object_lies_where_git_lfs_keeps_it(store: Store, tmp_path: Path) -> None:
    file = stored(store, b"abc")
    oid = pointer(b"abc").oid
    assert file == store.path(oid) == tmp_path / "lfs/objects" / oid[:2] / oid[2:4] / oid
    assert file.read_bytes() == b"abc"
    assert os.listdir(store.tmp) == []
    assert store.has(pointer(b"abc"))


def test_an_object_of_the_wrong_size_counts_as_missing_and_is_replaced(store: Store) -> None:
    file = stored(store, b"abc")
    file.write_bytes(b"")
    assert not store.has(pointer(b"abc"))
    assert stored(store, b"abc").read_bytes() == b"abc"
    before = file.stat().st_ino
    stored(store, b"abc")
    assert file.stat().st_ino == before, "one that is right stays"


def test_a_discarded_draft_leaves_nothing(store: Store) -> None:
    draft = store.draft()
    draft.write(memoryview(b"half"))
    draft.discard()
    assert os.listdir(store.tmp) == []
    assert not list(store.folder.rglob("*"))


def test_forgotten_drafts_of_killed_processes_go_and_git_lfss_own_files_stay(tmp_path: Path) -> None:
    store = Store(store_folders(tmp_path, None))
    store.tmp.mkdir(parents=True)
    for name, old in (("hfpush-1-aa", True), ("hfpush-2-bb", False), ("123", True)):
        (store.tmp / name).touch()
        if old:
            os.utime(store.tmp / name, (1, 1))
    store.draft().discard()
    assert sorted(os.listdir(store.tmp)) == ["123", "hfpush-2-bb"]


def test_objects_are_borrowed_but_new_ones_are_our_own(tmp_path: Path) -> None:
    lender = tmp_path / "lender"
    lent = stored(Store(store_folders(lender, None)), b"lent")
    (tmp_path / "own/objects/info").mkdir(parents=True)
    (tmp_path / "own/objects/info/alternates").write_text(f"# comment\n{lender}/objects\n")
    (lender / "objects").mkdir()
    store = Store(store_folders(tmp_path / "own", None))
    found = store.find(pointer(b"lent"))
    assert found is not None
    assert found.samefile(lent)
    assert not store.has(pointer(b"lent"))


@pytest.mark.parametrize(("setting", "place"), [("elsewhere", "common/elsewhere"), (None, "common/lfs")])
def test_the_storage_setting_is_relative_to_the_common_folder(tmp_path: Path, setting: str | None, place: str) -> None:
    assert store_folders(tmp_path / "common", setting) == (tmp_path / place / "objects",)
    assert store_folders(tmp_path, str(tmp_path / "absolute")) == (tmp_path / "absolute/objects",)


@pytest.mark.parametrize(
    ("setting", "file", "folder"),
    [
        (None, 0o600, 0o700),
        ("group", 0o660, 0o770),
        ("true", 0o660, 0o770),
        ("all", 0o664, 0o775),
        ("0640", 0o640, 0o750),
        ("nonsense", 0o600, 0o700),
    ],
)
def test_shared_repositories_share_their_objects(tmp_path: Path, setting: str | None, file: int, folder: int) -> None:
    mask = os.umask(0o077)
    try:
        made = stored(Store(store_folders(tmp_path, None), mode=shared_mode(setting)), b"abc")
    finally:
        os.umask(mask)
    assert (made.stat().st_mode & 0o777, made.parent.stat().st_mode & 0o777) == (file, folder)


def test_a_place_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "lfs").write_bytes(b"")
    with pytest.raises(LocalTrouble) as told:
        Store(store_folders(tmp_path, None)).draft()
    assert told.value.finding.reference == "not-a-folder"
