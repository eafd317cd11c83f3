"""What a push of one commit would carry: a scan of its new commits, and the LFS objects that it speaks of.

Decides nothing about uploading. Where the objects' bytes are is content.py's business, what the scan means is told by
audit/.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice

from hfpush.lfs.pointer import MAX_POINTER_BYTES, LfsObject, Pointer, parse_pointer
from hfpush.repo.audit.found import Scan
from hfpush.repo.audit.scan import Progress, scan
from hfpush.repo.objects import ObjectReader
from hfpush.repo.repository import Repository
from hfpush.repo.scope import Scope
from hfpush.repo.tree_files import TreeFile, files_of

_LEAST_POINTER = 100  # version and oid lines alone are 119 bytes, a legacy version line takes a few off
_STEP = 1000


@dataclass(frozen=True)
class Outgoing:
    """What a push carries: what was seen of its new commits, and their LFS `objects`, each oid once."""

    scan: Scan
    objects: tuple[LfsObject, ...]

    @property
    def commits(self) -> int:
        """How many commits are new to the other side."""
        return self.scan.commits

    @property
    def absent(self) -> int:
        """Blobs of the new commits that are not in this (partial) clone, so that nothing is known of them."""
        return self.scan.absent


def outgoing(
    repository: Repository, commit: str, remote_commits: Collection[str], *, progress: Progress | None = None
) -> Outgoing:
    """What a push of `commit` carries to a place that already has `remote_commits`; those that are not here are left
    out of account.

    The objects are those of the new commits and those of the files in `commit` itself, whether new or not: an object
    can be missing at the other side although its commit is there. A pointer to zero bytes needs no object. Nothing is
    fetched, and no file is read.
    """
    objects: dict[str, tuple[Pointer, dict[str, None]]] = {}

    def seen(pointer: Pointer, path: str) -> None:
        if pointer.size > 0:
            objects.setdefault(pointer.oid, (pointer, {}))[1][path] = None

    with ObjectReader(repository.git, partial=repository.partial) as reader:
        known = frozenset(info.id for info in reader.info(sorted(remote_commits)) if info.type == "commit")
        tip = f"refs/heads/{repository.branch}" if repository.branch else "HEAD"
        found = scan(repository, Scope({tip: commit}, known), progress=progress, pointer_seen=seen)
        for pointer, path in _pointers_of(repository, commit, reader):
            seen(pointer, path)
    return Outgoing(found, tuple(LfsObject(pointer, tuple(paths)) for pointer, paths in objects.values()))


def _pointers_of(repository: Repository, commit: str, reader: ObjectReader) -> Iterator[tuple[Pointer, str]]:
    files = files_of(repository.git, commit)
    while batch := list(islice(files, _STEP)):
        yield from _pointers_among(batch, reader)


def _pointers_among(files: list[TreeFile], reader: ObjectReader) -> Iterator[tuple[Pointer, str]]:
    infos = zip(files, reader.info([file.blob for file in files]), strict=True)
    small = [file for file, info in infos if info.type and _LEAST_POINTER <= info.size < MAX_POINTER_BYTES]
    contents = dict(reader.contents(list(dict.fromkeys(file.blob for file in small))))
    for file in small:
        pointer = parse_pointer(contents[file.blob])
        if pointer is not None:
            yield pointer, file.path
