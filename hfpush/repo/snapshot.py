"""A folder's files as git objects and as an index: blobs in one pack, large files as pointers, nothing copied.

The index is written here, entry by entry, with what the file system says of the real files: that is what `git add`
with git-lfs leaves behind, so `git status` is clean and no filter has to run. Bytes go into git as they are: no line
ends are converted, and no filter of the user runs.
"""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hfpush.lfs.pointer import MAX_POINTER_BYTES, Pointer, parse_pointer
from hfpush.repo.hash_cache import HashCache, signature
from hfpush.repo.hashing import Progress, hash_files
from hfpush.repo.listing import Entry
from hfpush.repo.objects import ObjectReader
from hfpush.repo.process import Git
from hfpush.repo.reading import changed, open_plain, unreadable

_NOT_AS_LISTED = "it is not what it was when the folder was listed"
_WORD = 0xFFFFFFFF


@dataclass(frozen=True)
class Blob:
    """A file of the folder as git holds it: its blob's id, and the pointer that the blob is, if it is one."""

    entry: Entry
    id: str
    pointer: Pointer | None


def blobs_of(
    folder: Path, entries: Mapping[str, Entry], lfs: Collection[str], cache: HashCache, progress: Progress | None
) -> list[Blob]:
    """What each file becomes. Files of `lfs` are hashed (the caller saves the cache), unless they are pointers already,
    which stay as they are. Raises SourceChanged when a file is not what it was when it was listed."""
    ready = {path for path in lfs if _is_pointer(folder, entries[path])}
    large = {folder / path: path for path in lfs if path not in ready}
    hashed = {large[file.path]: file for file in hash_files(large, cache, progress=progress).values()}
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


def store(git: Git, folder: Path, blobs: Iterable[Blob]) -> None:
    """Puts those blobs into the repository that are not in it, all in one pack. Raises SourceChanged when a file is no
    longer what it was when its blob's id was taken."""
    wanted = {blob.id: blob for blob in blobs}
    with ObjectReader(git) as reader:
        absent = [info.id for info in reader.info(sorted(wanted)) if info.type is None]
    if not absent:
        return
    with git.running("fast-import", "--quiet", "--done", stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # git's own words and exit code say more, at the end of the block
            for id in absent:
                content = _content(folder, wanted[id])
                process.stdin.write(b"blob\ndata %d\n%b\n" % (len(content), content))
            process.stdin.write(b"done\n")
            process.stdin.flush()


def write_index(path: Path, blobs: Collection[Blob]) -> None:
    """Writes an index file with these entries. It is whole only when the call returns: write aside, then rename."""
    # Imported here because it takes a tenth of a second, and fails where git is missing, which process.py tells better.
    from git.index.fun import write_cache
    from git.index.typ import IndexEntry

    in_order = sorted(blobs, key=lambda blob: blob.entry.path.encode())
    with open(path, "wb") as stream:
        write_cache([IndexEntry(_index_fields(blob)) for blob in in_order], stream)
    newest = max((blob.entry.status.st_mtime_ns // 10**9 for blob in blobs), default=0)
    written = path.stat()
    if written.st_mtime_ns // 10**9 <= newest < _WORD:
        # git distrusts entries as young as the index, and would run a filter over the large files among them.
        os.utime(path, ns=(written.st_atime_ns, (newest + 1) * 10**9))


def write_tree(git: Git, blobs: Collection[Blob]) -> str:
    """The id of the tree of these blobs; the tree is written, whether they are there yet or not."""
    with tempfile.TemporaryDirectory(prefix="hfpush-git-") as aside:
        # git writes this index anew and distrusts young entries in it, so it is not the one that stays.
        index = Path(aside) / "index"
        write_index(index, blobs)
        return Git(git.directory, git.git_dir, git.work_tree, index).line("write-tree", "--missing-ok")


def _content(folder: Path, blob: Blob) -> bytes:
    if blob.pointer is not None and blob.id == blob_id(blob.pointer.encode()):
        return blob.pointer.encode()
    content = read_entry(folder, blob.entry)
    if blob_id(content) != blob.id:
        raise changed(folder / blob.entry.path, _NOT_AS_LISTED)
    return content


def _is_pointer(folder: Path, entry: Entry) -> bool:
    return entry.size < MAX_POINTER_BYTES and parse_pointer(read_entry(folder, entry)) is not None


def _mode(status: os.stat_result) -> int:
    if stat.S_ISLNK(status.st_mode):
        return stat.S_IFLNK
    return stat.S_IFREG | (0o755 if status.st_mode & stat.S_IXUSR else 0o644)


def _index_fields(blob: Blob) -> tuple[int, bytes, int, str, bytes, bytes, int, int, int, int, int]:
    status = blob.entry.status
    ctime, mtime = (
        struct.pack(">LL", ns // 10**9 & _WORD, ns % 10**9) for ns in (status.st_ctime_ns, status.st_mtime_ns)
    )
    places = (status.st_dev & _WORD, status.st_ino & _WORD, status.st_uid & _WORD, status.st_gid & _WORD)
    what = (_mode(status), bytes.fromhex(blob.id), 0, blob.entry.path)
    return (*what, ctime, mtime, *places, status.st_size & _WORD)
