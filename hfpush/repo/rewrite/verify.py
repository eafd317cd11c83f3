"""Is the new history the old one with pointers in it, and nothing else? Read back from the disk, and compared.

A commit differs from its parent in the same way before and after, but for the pointers: where that holds from each
commit to the next, it holds for all trees, and the work is that of two diffs along the history. The objects in the
store are read whole, once: their sha256 is their name, and their git id is that of the blob that was taken out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hfpush.disk.trouble import disk_trouble
from hfpush.errors import Damaged
from hfpush.lfs.pointer import Pointer
from hfpush.repo.attributes import FILE
from hfpush.repo.filter.store import Store
from hfpush.repo.repository import Repository
from hfpush.repo.rewrite.affected import affected
from hfpush.repo.rewrite.coverage import Coverage
from hfpush.repo.rewrite.differences import Differences, Side, differences
from hfpush.repo.rewrite.envelope import commit_envelope, essence
from hfpush.repo.rewrite.plan import commit_texts
from hfpush.repo.rewrite.targets import Targets
from hfpush.repo.rewrite.values import Rewritten, Verified
from hfpush.repo.rules import shown

_BLOCK = 4 * 2**20
_ATTRIBUTES = FILE.encode()
_FILE_MODES = (b"100644", b"100755", b"100664")


def verify(repository: Repository, rewritten: Rewritten) -> Verified:
    """Compares each rewritten commit with the old one, and reads each stored object back.

    Only planned paths and attribute files differ; each path that does is the pointer to the very bytes that it had, and
    the attribute files of its commit send it to LFS; authors, dates, messages and parents are the old ones. Raises
    Damaged when anything else is so.
    """
    _check_objects(repository, rewritten.pointers, Store((Path(rewritten.store),)))
    first_parents = dict(_checked_envelopes(repository, rewritten))
    files = _check_trees(repository, rewritten, first_parents)
    objects = {pointer.oid: pointer.size for pointer in rewritten.pointers.values()}
    return Verified(len(rewritten.commits), files, len(objects), sum(objects.values()))


def _check_objects(repository: Repository, pointers: Mapping[str, Pointer], store: Store) -> None:
    with ThreadPoolExecutor(1, thread_name_prefix="verify") as pool:
        for blob, pointer in pointers.items():
            if _digests(repository, store.path(pointer.oid), pointer.size, pool) != (pointer.oid, blob):
                raise _wrong(f"object {pointer.oid}", "in the store are not the bytes of blob " + blob)


def _digests(repository: Repository, path: Path, size: int, pool: ThreadPoolExecutor) -> tuple[str, str]:
    """sha256 of a file, and its id as a blob."""
    plain = hashlib.sha256()
    blob = hashlib.new(repository.object_format, b"blob %d\0" % size, usedforsecurity=False)
    try:
        with path.open("rb", buffering=0) as file:
            while block := file.read(_BLOCK):
                beside = pool.submit(plain.update, block) if len(block) == _BLOCK else None
                blob.update(block)
                if beside is None:
                    plain.update(block)
                else:
                    beside.result()
    except OSError as error:
        raise disk_trouble(error, path) from error
    return plain.hexdigest(), blob.hexdigest()


def _checked_envelopes(repository: Repository, rewritten: Rewritten) -> Iterator[tuple[str, str | None]]:
    """Each old commit with its first parent, once everything but its tree has been compared."""
    commits = rewritten.commits
    old = commit_texts(repository.git, commits)
    new = commit_texts(repository.git, commits.values())
    for (id, before), (_, after) in zip(old, new, strict=True):
        parents = commit_envelope(before).parents
        if tuple(commits.get(parent, parent) for parent in parents) != commit_envelope(after).parents:
            raise _wrong(f"commit {id}", "its parents are others")
        if essence(before) != essence(after):
            raise _wrong(f"commit {id}", "its message, author or dates changed")
        yield id, parents[0] if parents else None


def _check_trees(repository: Repository, rewritten: Rewritten, first_parents: Mapping[str, str | None]) -> int:
    commits, git = rewritten.commits, repository.git
    changing = affected(git, rewritten.plan.scope, rewritten.plan.offences).commits
    if changing.keys() != commits.keys():
        raise _wrong("the history", "other commits were rewritten than were planned")
    pointer_ids = {
        blob.encode(): _blob_id(repository, pointer.encode()) for blob, pointer in rewritten.pointers.items()
    }
    old = differences(git, ((id, first_parents[id]) for id in commits))
    new = differences(git, ((now, _image(commits, first_parents[id])) for id, now in commits.items()))
    of_ours = set(pointer_ids.values())
    files: set[tuple[bytes, bytes]] = set()
    reread: list[tuple[str, str]] = []  # where attributes lose a line, all pointers count, not only the new ones
    with Coverage(repository) as coverage:
        for (id, before), (now, after) in zip(old, new, strict=True):
            made = _Comparison(id, changing[id].targets, pointer_ids).pointers(before, after)
            files |= made
            parent = first_parents[id]
            coverage.follow(now, _image(commits, parent), after)
            bare = coverage.bare(now, [path for path, _ in made])
            if parent in commits and not coverage.only_grows(after):
                reread.append((now, id))
            if bare:
                raise _uncovered(now, bare[0])
        for now, found in differences(git, reread):
            bare = coverage.bare(now, [path for path, (_, side) in found.items() if side.id in of_ours])
            if bare:
                raise _uncovered(now, bare[0])
    return len(files)


class _Comparison:
    """The differences to the first parent, before and after, of one commit."""

    def __init__(self, commit: str, targets: Targets, pointer_ids: Mapping[bytes, bytes]) -> None:
        self._commit = commit
        self._targets = targets
        self._pointers = pointer_ids

    def pointers(self, before: Differences, after: Differences) -> set[tuple[bytes, bytes]]:
        """Path and old blob of each file that has become a pointer here. Raises Damaged for any other difference."""
        made = set()
        for path in before.keys() | after.keys():
            if path.rpartition(b"/")[2] == _ATTRIBUTES:
                continue
            if path not in after:  # what differed before is the same now: a file became the pointer to itself, say
                parent, was = before[path]
                if self._image(path, was) not in (parent, self._image(path, parent)):
                    raise self._wrong(path)
                continue
            was = before[path][1] if path in before else after[path][0]
            now = after[path][1]
            if now != self._image(path, was):
                raise self._wrong(path)
            if now != was:
                made.add((path, was.id))
        return made

    def _image(self, path: bytes, side: Side) -> Side:
        """What an entry has to be in the new history."""
        pointer = self._pointers.get(side.id)
        if pointer is None or side.mode not in _FILE_MODES or not self._targets.takes(path):
            return side
        return Side(side.mode, pointer)

    def _wrong(self, path: bytes) -> Damaged:
        return _wrong(f"commit {self._commit}, {_shown(path)}", "it is neither what it was nor the pointer to it")


def _image(commits: Mapping[str, str], commit: str | None) -> str | None:
    return None if commit is None else commits.get(commit, commit)


def _blob_id(repository: Repository, content: bytes) -> bytes:
    whole = b"blob %d\0" % len(content) + content
    return hashlib.new(repository.object_format, whole, usedforsecurity=False).hexdigest().encode()


def _uncovered(commit: str, path: bytes) -> Damaged:
    return _wrong(f"commit {commit}, {_shown(path)}", "no attribute sends the pointer to LFS")


def _wrong(where: str, what: str) -> Damaged:
    return Damaged.of(
        "rewrite-differs",
        "The rewritten history is not the old one with LFS pointers in it, so it is not used.",
        seen=(f"{where}: {what}",),
        to_try=("git fsck, which says whether the repository is damaged", "report it: this should not happen"),
    )


def _shown(path: bytes) -> str:
    return shown(path.decode("utf-8", "surrogateescape"))
