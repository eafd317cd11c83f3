"""A folder's files as git objects: blobs and trees in one pack, large files as pointers, nothing copied.

Bytes go into git as they are: no line ends are converted, and no filter of the user runs.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hfpush.lfs.pointer import MAX_POINTER_BYTES, Pointer, parse_pointer
from hfpush.repo.hash_cache import HashCache, signature
from hfpush.repo.hashing import Progress, hash_all
from hfpush.repo.index_file import IndexEntry, file_mode
from hfpush.repo.listing import Entry
from hfpush.repo.pack import absent, store_objects
from hfpush.repo.process import Git
from hfpush.repo.reading import changed, open_plain, unreadable
from hfpush.repo.trees import Leaf, trees_of

_NOT_AS_LISTED = "it is not what it was when the folder was listed"


@dataclass(frozen=True)
class Blob:
    """A file of the folder as git holds it: its blob's id, and the pointer that the blob is, if it is one."""

    entry: Entry
    id: str
    pointer: Pointer | None

    @property
    def indexed(self) -> IndexEntry:
        """What the index says of it."""
        return IndexEntry(self.entry.path, self.id, self.entry.status)


def blobs_of(
    folder: Path, entries: Mapping[str, Entry], lfs: Collection[str], cache: HashCache, progress: Progress | None
) -> list[Blob]:
    """What each file becomes. Files of `lfs` are hashed (the caller saves the cache), unless they are pointers already,
    which stay as they are. Raises SourceChanged when a file is not what it was when it was listed."""
    top = os.path.join(folder, "")
    ready = {path for path in lfs if _is_pointer(folder, entries[path])}
    # In the order of the listing, which is the one in which they lie on the disk, more or less.
    large = [path for path in entries if path in lfs and path not in ready]
    files = hash_all([top + path for path in large], cache, progress=progress)
    hashed = dict(zip(large, files, strict=True))
    blobs = []
    for path, entry in entries.items():
        file = hashed.get(path)
        if file is None:
            content = read_entry(folder, entry)
            blobs.append(Blob(entry, blob_id(content), parse_pointer(content) if path in ready else None))
            continue
        if (file.size, file.mtime_ns) != (entry.size, entry.status.st_mtime_ns):
            raise changed(folder / path, _NOT_AS_LISTED)
        pointer = Pointer(file.oid, file.size)
        blobs.append(Blob(entry, blob_id(pointer.encode()), pointer))
    return blobs


def read_entry(folder: Path, entry: Entry) -> bytes:
    """The bytes that git stores for a file or link, as they are. Raises SourceChanged when it is no longer the one that
    was listed, LocalTrouble when it cannot be read."""
    place = folder / entry.path
    try:
        if entry.is_link:
            content = os.fsencode(os.readlink(place))
            after = place.lstat()
        else:
            with open(open_plain(place), "rb", buffering=0) as stream:
                content = stream.read(entry.size + 1)
                after = os.fstat(stream.fileno())
    except OSError as error:
        raise unreadable(place, error.strerror or str(error)) from error
    if signature(after) != signature(entry.status) or len(content) != entry.size:
        raise changed(place, _NOT_AS_LISTED)
    return content


def blob_id(content: bytes) -> str:
    """The id of a blob in a SHA-1 repository, the only kind that the Hub has."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def trees(blobs: Iterable[Blob]) -> tuple[str, Mapping[str, bytes]]:
    """The id of the tree of these blobs, and all its tree objects by id. Nothing is written."""
    return trees_of(Leaf(blob.entry.path, file_mode(blob.entry.status), blob.id) for blob in blobs)


def store(git: Git, folder: Path, blobs: Iterable[Blob], tree_objects: Mapping[str, bytes]) -> None:
    """Puts those blobs and trees into the repository that are not in it, all at once. Raises SourceChanged when a file
    is no longer what it was when its blob's id was taken."""
    wanted = {blob.id: blob for blob in blobs}
    new = absent(git, [*wanted, *tree_objects])

    def objects() -> Iterator[tuple[str, bytes]]:
        for id in new:
            tree = tree_objects.get(id)
            yield ("blob", _content(folder, wanted[id])) if tree is None else ("tree", tree)

    store_objects(git, len(new), objects())


def _content(folder: Path, blob: Blob) -> bytes:
    if blob.pointer is not None:
        written = blob.pointer.encode()
        if blob_id(written) == blob.id:
            return written
    content = read_entry(folder, blob.entry)
    if blob_id(content) != blob.id:
        raise changed(folder / blob.entry.path, _NOT_AS_LISTED)
    return content


def _is_pointer(folder: Path, entry: Entry) -> bool:
    return entry.size < MAX_POINTER_BYTES and parse_pointer(read_entry(folder, entry)) is not None
