"""What there is on this machine of LFS objects that the store lacks: damaged files, and files of the work tree."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from pathlib import Path

from hfpush.repo.audit.found import FoundBlob
from hfpush.repo.content import object_stores
from hfpush.repo.repository import Repository


def damaged_sizes(repository: Repository, oids: Iterable[str]) -> dict[str, int]:
    """The size in bytes of the file that stands in a store under each oid; those that have none are left out."""
    stores = object_stores(repository)
    found: dict[str, int] = {}
    for oid in oids:
        for store in stores:
            size = _file_size(store / oid[:2] / oid[2:4] / oid)
            if size is not None:
                found[oid] = size
                break
    return found


def likely_in_work_tree(repository: Repository, blobs: Iterable[FoundBlob]) -> frozenset[str]:
    """The objects of pointers for which the work tree has a file of the right size at one of their paths. Nothing is
    hashed: a publish does that."""
    root = repository.root
    if root is None:
        return frozenset()
    return frozenset(
        blob.pointer.oid
        for blob in blobs
        if blob.pointer is not None
        and blob.pointer.size > 0
        and any(_size_at(root, at.path) == blob.pointer.size for at in blob.sightings)
    )


def _size_at(root: Path, name: str) -> int | None:
    parts = name.split("/")
    if any(part in ("", ".", "..", ".git") for part in parts) or "\0" in name:
        return None
    path = root.joinpath(*parts)
    try:
        inside = path.parent.resolve().is_relative_to(root)
    except (OSError, RuntimeError):
        return None
    return _file_size(path) if inside else None


def _file_size(path: Path) -> int | None:
    try:
        status = path.lstat()
    except OSError:
        return None  # not there, or not to be read: then it is no help either
    return status.st_size if stat.S_ISREG(status.st_mode) else None
