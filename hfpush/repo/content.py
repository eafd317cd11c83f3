"""Where the bytes of LFS objects are on this machine: in git-lfs's own store, or in the work tree.

Nothing is copied or fetched. Whether a missing object matters (the other side may have it) is the caller's decision;
the findings for those that do are made here.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hfpush import units
from hfpush.errors import LocalTrouble
from hfpush.findings import Finding
from hfpush.lfs.pointer import LfsObject, Pointer
from hfpush.repo.filter.store import store_folders
from hfpush.repo.hash_cache import HashCache
from hfpush.repo.hashing import Progress, hash_files
from hfpush.repo.repository import Repository
from hfpush.repo.rules import shown

_SHOWN = 20


@dataclass(frozen=True)
class Located:
    """A file with an object's bytes, and what it was when it was looked at: size in bytes, mtime in nanoseconds.

    `name` is the object's path in the repository, for people. A file of the work tree has been hashed; one of the store
    has the right name and size.
    """

    pointer: Pointer
    path: Path
    size: int
    mtime_ns: int
    name: str


@dataclass(frozen=True)
class Corrupt:
    """A file of the store that has not the size its object has."""

    object: LfsObject
    path: Path
    size: int


@dataclass(frozen=True)
class Contents:
    """Where objects were found, by oid; which were found nowhere; and which files of the store are damaged (their
    object may still have been found in the work tree)."""

    found: dict[str, Located]
    missing: tuple[LfsObject, ...]
    corrupt: tuple[Corrupt, ...]


def locate(
    repository: Repository, objects: Sequence[LfsObject], cache: HashCache, *, progress: Progress | None = None
) -> Contents:
    """Looks for each object in the stores, then among the files of the work tree at its paths, which are hashed (once:
    the cache remembers; the caller saves it). `progress` is told of hashed bytes.

    Raises SourceChanged when a file of the work tree changes while it is hashed.
    """
    found: dict[str, Located] = {}
    corrupt: list[Corrupt] = []
    stores = object_stores(repository)
    for one in objects:
        for path, status in _stored(stores, one.pointer.oid):
            if status.st_size == one.pointer.size:
                found[one.pointer.oid] = _located(one, path, status.st_size, status.st_mtime_ns)
                break
            corrupt.append(Corrupt(one, path, status.st_size))
    wanted = [one for one in objects if one.pointer.oid not in found]
    if repository.root is not None:
        found |= _in_work_tree(repository.root, wanted, cache, progress)
    missing = tuple(one for one in wanted if one.pointer.oid not in found)
    return Contents(found, missing, tuple(corrupt))


def object_stores(repository: Repository) -> tuple[Path, ...]:
    """The folders that hold git-lfs's objects: this repository's (`lfs.storage`, shared by linked work trees), then
    those of repositories that it borrows objects from."""
    return store_folders(repository.common_dir, repository.setting("lfs.storage"))


def missing_finding(missing: Sequence[LfsObject]) -> Finding:
    """The finding `object-missing` for at least one object whose bytes are neither here nor at the other side."""
    seen = [f"{shown(one.paths[0])}: {one.pointer.oid}, {units.size(one.pointer.size)}" for one in missing[:_SHOWN]]
    if len(missing) > _SHOWN:
        seen.append(f"and {len(missing) - _SHOWN:,} more")
    what = "object is" if len(missing) == 1 else "objects are"
    return Finding(
        "object-missing",
        f"{len(missing):,} LFS {what} named in the history, but the bytes are not on this machine.",
        evidence=tuple(seen),
        remedy=(
            "git lfs fetch --all, where the repository was cloned from a place that has them",
            "put the files back into the work tree, as they were when they were committed",
            "if a commit that was never published names them, publish a history without it",
        ),
    )


def corrupt_finding(corrupt: Sequence[Corrupt]) -> Finding:
    """The finding `object-corrupt` for at least one damaged file of git-lfs's store."""
    seen = [
        f"{one.path}: {one.size:,} bytes instead of {one.object.pointer.size:,}, for {shown(one.object.paths[0])}"
        for one in corrupt[:_SHOWN]
    ]
    if len(corrupt) > _SHOWN:
        seen.append(f"and {len(corrupt) - _SHOWN:,} more")
    return Finding(
        "object-corrupt",
        f"{units.count(len(corrupt), 'file')} in the store of git-lfs {'is' if len(corrupt) == 1 else 'are'} damaged.",
        evidence=tuple(seen),
        remedy=("delete these files, then git lfs fetch --all",),
    )


def _stored(stores: Sequence[Path], oid: str) -> Iterator[tuple[Path, os.stat_result]]:
    for store in stores:
        path = store / oid[:2] / oid[2:4] / oid
        try:
            status = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise LocalTrouble.of(
                "path-unreadable",
                "The store of git-lfs cannot be read.",
                seen=(f"{store}: {error.strerror or error}",),
                to_try=("give yourself read rights on it",),
            ) from error
        if stat.S_ISREG(status.st_mode):
            yield path, status


def _in_work_tree(
    root: Path, wanted: Sequence[LfsObject], cache: HashCache, progress: Progress | None
) -> dict[str, Located]:
    found: dict[str, Located] = {}
    candidates = {one: list(_candidates(root, one)) for one in wanted}
    # An object can have several paths; the next one is hashed only where the one before was another content.
    while batch := [(paths.pop(0), one) for one, paths in candidates.items() if paths and one.pointer.oid not in found]:
        hashed = hash_files([path for path, _ in batch], cache, progress=progress)
        for path, one in batch:
            file = hashed[path]
            if file.oid == one.pointer.oid and file.size == one.pointer.size:
                found[file.oid] = _located(one, path, file.size, file.mtime_ns)
    return found


def _candidates(root: Path, one: LfsObject) -> Iterator[Path]:
    for name in one.paths:
        parts = name.split("/")
        if any(part in ("", ".", "..", ".git") for part in parts) or "\0" in name:
            continue  # no path that git would check out
        path = root.joinpath(*parts)
        try:
            status = path.lstat()
            inside = path.parent.resolve().is_relative_to(root)
        except OSError:
            continue  # not checked out, or a folder or a dead link is in its place now
        if inside and stat.S_ISREG(status.st_mode) and status.st_size == one.pointer.size:
            yield path


def _located(one: LfsObject, path: Path, size: int, mtime_ns: int) -> Located:
    return Located(one.pointer, path, size, mtime_ns, one.paths[0])
