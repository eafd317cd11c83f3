from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from hfpush.lfs.pointer import Pointer
from hfpush.repo.audit.stored import Stores
from hfpush.repo.content import object_stores
from hfpush.repo.repository import Repository

NewRepo = Callable[..., "Place"]  # noqa: F821
CONTENT = b"some weights"
OID = hashlib.sha256(CONTENT).hexdigest()


def keep(store: Path, content: bytes = CONTENT) -> None:
    place = store / OID[:2] / OID[2:4] / OID
    place.parent.mkdir(parents=True)
    place.write_bytes(content)


def holds(path: Path) -> bool:
    return Stores(Repository.around(path)).hold(Pointer(OID, len(CONTENT)))


def test_an_object_is_held_under_its_name_with_its_size(new_repo: NewRepo) -> None:
    place = new_repo()
    assert not holds(place.path)
    keep(place.path / ".git/lfs/objects")
    assert holds(place.path)


def test_a_file_of_another_size_is_not_the_object(new_repo: NewRepo) -> None:
    place = new_repo()
    keep(place.path / ".git/lfs/objects", CONTENT[:-1])
    assert not holds(place.path)


def test_an_empty_object_needs_no_store(new_repo: NewRepo) -> None:
    empty = Pointer(hashlib.sha256(b"").hexdigest(), 0)
    assert Stores(Repository.around(new_repo().path)).hold(empty)


@pytest.mark.parametrize("storage", ["elsewhere", "../outside"])
def test_the_store_can_be_elsewhere(new_repo: NewRepo, storage: str) -> None:
    place = new_repo()
    place.git("config", "lfs.storage", storage)
    keep(place.path / ".git" / storage / "objects")
    assert holds(place.path)


def test_a_borrower_of_objects_borrows_the_lfs_store_as_well(new_repo: NewRepo, tmp_path: Path) -> None:
    place = new_repo()
    place.commit()
    keep(place.path / ".git/lfs/objects")
    place.git("clone", "-q", "--shared", str(place.path), str(tmp_path / "borrower"))
    assert holds(tmp_path / "borrower")
    assert len(object_stores(Repository.around(tmp_path / "borrower"))) == 2
