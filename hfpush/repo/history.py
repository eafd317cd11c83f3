"""What a push would carry: the LFS objects it speaks of, and the blobs that the Hub would refuse.

Decides nothing about uploading. Where the objects' bytes are is content.py's business, how a refused blob is told and
mended is rules.py's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice

from hfpush.lfs.pointer import MAX_POINTER_BYTES, Pointer, parse_pointer
from hfpush.repo.changes import Change, CommitSeen, changes_in, files_of
from hfpush.repo.objects import ObjectReader
from hfpush.repo.repository import Repository
from hfpush.repo.rules import MAX_GIT_FILE, LargeBlob

_LEAST_POINTER = 100  # version and oid lines alone are 119 bytes, a legacy version line takes a few off
_STEP = 1000


@dataclass(frozen=True)
class LfsObject:
    """An LFS object that commits speak of, and the paths it has in them: at least one, in the order they appeared."""

    pointer: Pointer
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Outgoing:
    """What a push carries: `commits` of them, their LFS `objects` (each oid once) and `large` blobs, oldest first.

    `absent` counts blobs of the range that are not in this (partial) clone, so that nothing is known of them.
    """

    commits: int
    objects: tuple[LfsObject, ...]
    large: tuple[LargeBlob, ...]
    absent: int


def outgoing(repository: Repository, commit: str, remote_commits: Collection[str]) -> Outgoing:
    """What a push of `commit` carries to a place that already has `remote_commits`; those that are not here are left
    out of account.

    The objects are those of the new commits and those of the files in `commit` itself, whether new or not: an object
    can be missing at the other side although its commit is there. A pointer to zero bytes needs no object. Nothing is
    fetched, and no file is read.
    """
    found = _Found()
    with ObjectReader(repository.git, partial=repository.partial) as reader:
        known = [info.id for info in reader.info(sorted(remote_commits)) if info.type == "commit"]
        for batch in _batches(changes_in(repository.git, commit, known)):
            found.add(batch, reader, new=True)
        for batch in _batches(files_of(repository.git, commit)):
            found.add(batch, reader, new=False)
    objects = tuple(LfsObject(pointer, tuple(paths)) for pointer, paths in found.objects.values())
    return Outgoing(found.commits, objects, tuple(found.large.values()), len(found.absent))


class _Found:
    """What was seen so far. Holds pointers, offenders and absent ids, never the many ordinary blobs."""

    def __init__(self) -> None:
        self.commits = 0
        self.objects: dict[str, tuple[Pointer, dict[str, None]]] = {}
        self.large: dict[tuple[str, str], LargeBlob] = {}
        self.absent: set[str] = set()

    def add(self, batch: list[Change | CommitSeen], reader: ObjectReader, *, new: bool) -> None:
        changes = [one for one in batch if isinstance(one, Change)]
        self.commits += len(batch) - len(changes)
        small = []
        for change, info in zip(changes, reader.info([change.blob for change in changes]), strict=True):
            if info.type is None:
                if new:
                    self.absent.add(change.blob)
            elif info.size > MAX_GIT_FILE:
                if new:
                    self.large.setdefault((change.blob, change.path), LargeBlob(change.path, info.size, change.commit))
            elif _LEAST_POINTER <= info.size < MAX_POINTER_BYTES:
                small.append(change)
        contents = dict(reader.contents(list(dict.fromkeys(change.blob for change in small))))
        for change in small:
            pointer = parse_pointer(contents[change.blob])
            if pointer is not None and pointer.size > 0:
                self.objects.setdefault(pointer.oid, (pointer, {}))[1][change.path] = None


def _batches(stream: Iterator[Change] | Iterator[CommitSeen | Change]) -> Iterator[list[Change | CommitSeen]]:
    while batch := list(islice(stream, _STEP)):
        yield batch
