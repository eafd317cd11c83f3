"""git's index, written entry by entry with what the file system says of the real files.

That is what `git add` with a filter leaves behind: an entry names the pointer and describes the large file, so `git
status` is clean and no filter has to run. Version 2 of the format (gitformat-index), SHA-1, no extensions.
"""

from __future__ import annotations

import hashlib
import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

WORD = 0xFFFFFFFF
"""What a field of the index can hold; larger numbers are cut, as git cuts them."""
_HEAD = struct.Struct(">4sLL")
_FIXED = struct.Struct(">10L20sH")
_LONGEST_NAME = 0xFFF


class IndexEntry(NamedTuple):
    """A file or link in the index: its path, its blob's id, and what the file system says of it."""

    path: str
    id: str
    status: os.stat_result


def file_mode(status: os.stat_result) -> int:
    """The mode that git has for a file or link: 0o100644, 0o100755 or 0o120000."""
    if stat.S_ISLNK(status.st_mode):
        return stat.S_IFLNK
    return stat.S_IFREG | (0o755 if status.st_mode & stat.S_IXUSR else 0o644)


def stat_fields(status: os.stat_result) -> tuple[int, int, int, int, int, int]:
    """The fields of an entry before its mode: ctime and mtime in seconds and nanoseconds, device, inode."""
    ctime, mtime = status.st_ctime_ns, status.st_mtime_ns
    times = ctime // 10**9 & WORD, ctime % 10**9, mtime // 10**9 & WORD, mtime % 10**9
    return (*times, status.st_dev & WORD, status.st_ino & WORD)


def _cut_size(size: int) -> int:
    # A whole number of 4 GiB: 0 would mean "look again" to git (2.43 and newer write the same).
    return size & WORD or (0x80000000 if size else 0)


def encode_index(entries: Iterable[IndexEntry]) -> bytes:
    """The bytes of an index file with these entries."""
    named = sorted((entry.path.encode("utf-8", "surrogateescape"), entry.id, entry.status) for entry in entries)
    parts = [_HEAD.pack(b"DIRC", 2, len(named))]
    for name, id, status in named:
        owner = status.st_uid & WORD, status.st_gid & WORD, _cut_size(status.st_size)
        fields = (*stat_fields(status), file_mode(status), *owner, bytes.fromhex(id), min(len(name), _LONGEST_NAME))
        # At least one NUL ends the name, and as many as make the entry a multiple of eight bytes.
        parts.append(_FIXED.pack(*fields) + name + bytes(8 - (_FIXED.size + len(name)) % 8))
    body = b"".join(parts)
    return body + hashlib.sha1(body, usedforsecurity=False).digest()


def write_index(path: Path, entries: Iterable[IndexEntry]) -> None:
    """Writes an index file with these entries. It is whole only when the call returns: write aside, then rename."""
    entries = list(entries)
    path.write_bytes(encode_index(entries))
    newest = max((entry.status.st_mtime_ns // 10**9 for entry in entries), default=0)
    age_index(path, newest)


def age_index(path: Path, newest: int) -> None:
    """Makes an index file one second younger than `newest`, the youngest file in it (seconds), where it is not.

    git distrusts entries as young as the index, and would run a filter over the large files among them.
    """
    written = path.stat()
    if written.st_mtime_ns // 10**9 <= newest < WORD:
        os.utime(path, ns=(written.st_atime_ns, (newest + 1) * 10**9))
