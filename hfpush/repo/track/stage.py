"""Staged content replaced by its LFS pointer: the object into the store, the pointer into the index, no filter needed.

What is staged is what counts: a file that was edited or deleted since stays as it is, and stays modified. An entry
whose file in the work tree is the staged one keeps describing that file, so `git status` is clean, with git-lfs,
another filter or none. The index is replaced at once, by git's own lock.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from hfpush.repo.content import object_stores
from hfpush.repo.mend.index_file import FileStatus, with_statuses
from hfpush.repo.mend.index_swap import NewIndex, outlast
from hfpush.repo.mend.work_tree import file_status, files
from hfpush.repo.pack import store_objects
from hfpush.repo.repository import Repository
from hfpush.repo.rewrite.clean import clean
from hfpush.repo.track.held import Staged
from hfpush.repo.writing import WritingGit

_ARGUMENT_BYTES = 60_000
_PLAIN = 0o100644


def stage(
    repository: Repository,
    restage: Mapping[str, Staged],
    attributes: Mapping[str, bytes],
    progress: Callable[[int], None] | None = None,
) -> tuple[str, ...]:
    """Puts pointers in the place of the content at `restage`, and these attribute files into the index with them (or
    these alone, where nothing is to be a pointer).

    What is no longer staged as it was is left alone. Returns the paths that have pointers now. Raises Busy when another
    git has the index, SourceChanged when it changes meanwhile, LocalTrouble; the index is as it was then.
    """
    new = NewIndex(repository)
    try:
        staged = new.was.at(restage)
        still = {path: one for path, one in restage.items() if path in staged and staged[path].id == one.id}
        if restage and not still:
            return ()
        found = files(repository, new.was, still)
        sizes = {one.id: one.size or 0 for one in still.values()}
        pointers = clean(repository.git, sizes, object_stores(repository)[0], progress or _silent)
        ids = _blobs(repository, [*(pointer.encode() for pointer in pointers.values()), *attributes.values()])
        entries = [(one.mode, ids[pointers[one.id].encode()], path) for path, one in still.items()]
        entries += [(_PLAIN, ids[content], path) for path, content in attributes.items()]
        data = _indexed(new, entries, [path for path in still if staged[path].skip])
        kept = {
            path: file_status(one.status)
            for path, one in found.items()
            if one.state == "unchanged" and one.status is not None and one.status.st_size == still[path].size
        }
        kept |= _attribute_statuses(repository, attributes)
        newest = max((status.mtime[0] for status in kept.values()), default=0)
        # git distrusts entries as young as the index, and would run a filter over the large files among them.
        written_ns = max(time.time_ns(), (newest + 1) * 10**9)
        new.fill(with_statuses(data, repository.object_format, kept), written_ns)
        new.swap()
    finally:
        new.drop()
    outlast(newest)
    return tuple(sorted(still))


def _silent(count: int) -> None:
    pass


def _blobs(repository: Repository, contents: Sequence[bytes]) -> dict[bytes, str]:
    """Stores blobs; their ids by content."""
    ids = {}
    for content in contents:
        digest = hashlib.new(repository.object_format, b"blob %d\0" % len(content), usedforsecurity=False)
        digest.update(content)
        ids[content] = digest.hexdigest()
    git = WritingGit.of(repository)
    store_objects(git, len(ids), (("blob", content) for content in ids), object_format=repository.object_format)
    return ids


def _indexed(new: NewIndex, entries: Sequence[tuple[int, str, str]], skipped: Sequence[str]) -> bytes:
    """The index with these entries; `skipped` are paths that a sparse work tree goes on leaving out."""
    data = new.was.data
    words = [["--cacheinfo", f"{mode:o},{id},{path}"] for mode, id, path in entries]
    for batch in _batches(words):
        data = new.run("update-index", "--add", *batch)
    for batch in _batches([[path] for path in skipped]):
        data = new.run("update-index", "--skip-worktree", "--", *batch)
    return data


def _batches(groups: Iterable[Sequence[str]]) -> Iterator[list[str]]:
    """Words for as few command lines as they fit on."""
    batch: list[str] = []
    length = 0
    for words in groups:
        more = sum(len(word.encode("utf-8", "surrogateescape")) + 1 for word in words)
        if batch and length + more > _ARGUMENT_BYTES:
            yield batch
            batch, length = [], 0
        batch += words
        length += more
    if batch:
        yield batch


def _attribute_statuses(repository: Repository, attributes: Mapping[str, bytes]) -> dict[str, FileStatus]:
    assert repository.root is not None
    same = (path for path, content in attributes.items() if _holds(repository.root / path, content))
    return {path: file_status((repository.root / path).lstat()) for path in same}


def _holds(place: Path, content: bytes) -> bool:
    return place.is_file() and not place.is_symlink() and place.read_bytes() == content
