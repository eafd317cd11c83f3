"""git's index file as bytes: its entries read, and what it says of the real files written in place. Pure.

git compares a file's status with that of its index entry, and only when they differ does it read the file. So an entry
that has a pointer's id and the status of the real file is clean for git, with no filter run. Versions 2 to 4 are
read, of SHA-1 and SHA-256 repositories; a split index must have been joined before (`core.splitIndex=false`). The
format is that of git's Documentation/gitformat-index.txt.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_HEADER = struct.Struct(">4sLL")
_STATUS = struct.Struct(">10L")
_WORD = 0xFFFFFFFF
_NAME_BYTES = 0x0FFF


@dataclass(frozen=True)
class FileStatus:
    """What git keeps of a file to tell whether it has changed: numbers cut to 32 bits, as in the index."""

    ctime: tuple[int, int]
    mtime: tuple[int, int]
    device: int
    inode: int
    owner: int
    group: int
    size: int


@dataclass(frozen=True)
class IndexEntry:
    """One entry. `stage` is not 0 in an unfinished merge; `skip` says that the file is kept out of the work tree,
    `intended` that it was added by name only."""

    path: str
    mode: int
    id: str
    stage: int
    status: FileStatus
    skip: bool
    intended: bool
    offset: int


def entries(data: bytes, object_format: str) -> Iterator[IndexEntry]:
    """The entries of an index file, in its order. Raises ValueError for what is no index that we read."""
    try:
        yield from _entries(data, object_format)
    except (struct.error, IndexError) as error:
        raise ValueError("an index that is cut off") from error


def _entries(data: bytes, object_format: str) -> Iterator[IndexEntry]:
    id_bytes = 32 if object_format == "sha256" else 20
    signature, version, count = _HEADER.unpack_from(data)
    if signature != b"DIRC" or version not in (2, 3, 4):
        raise ValueError("not an index of version 2 to 4")
    offset, name = _HEADER.size, b""
    for _ in range(count):
        numbers = _STATUS.unpack_from(data, offset)
        at = offset + _STATUS.size
        id = data[at : at + id_bytes].hex()
        (flags,) = struct.unpack_from(">H", data, at + id_bytes)
        at += id_bytes + 2
        more = 0
        if flags & 0x4000:
            (more,) = struct.unpack_from(">H", data, at)
            at += 2
        if version == 4:
            strip, at = _varint(data, at)
            end = _end(data, at)
            name = name[: len(name) - strip] + data[at:end]
            following = end + 1
        else:
            length = flags & _NAME_BYTES
            end = at + length if length < _NAME_BYTES else _end(data, at)
            name = data[at:end]
            following = offset + ((end - offset + 8) & ~7)
        yield IndexEntry(
            path=name.decode("utf-8", "surrogateescape"),
            mode=numbers[6],
            id=id,
            stage=(flags >> 12) & 3,
            status=FileStatus(numbers[0:2], numbers[2:4], numbers[4], numbers[5], *numbers[7:10]),
            skip=bool(more & 0x4000),
            intended=bool(more & 0x2000),
            offset=offset,
        )
        offset = following


def with_statuses(data: bytes, object_format: str, statuses: Mapping[str, FileStatus]) -> bytes:
    """The same index, in which the entries of these paths say this of their files."""
    changed = bytearray(data)
    for entry in entries(data, object_format):
        status = statuses.get(entry.path)
        if status is not None and entry.stage == 0:
            numbers = (*status.ctime, *status.mtime, status.device, status.inode)
            tail = (entry.mode, status.owner, status.group, status.size)
            _STATUS.pack_into(changed, entry.offset, *numbers, *tail)
    hasher = hashlib.sha256 if object_format == "sha256" else hashlib.sha1
    length = hasher().digest_size
    if any(changed[-length:]):  # all zero where the user has git leave the checksum out (index.skipHash)
        changed[-length:] = hasher(changed[:-length]).digest()
    return bytes(changed)


def fingerprint(data: bytes, object_format: str) -> str:
    """A digest of what is staged: paths, modes, ids and stages, and nothing of the files' statuses."""
    digest = hashlib.sha256()
    for entry in entries(data, object_format):
        line = f"{entry.mode:o} {entry.id} {entry.stage} {entry.path}\0"
        digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def status_of(numbers: tuple[int, int, int, int, int, int, int]) -> FileStatus:
    """A file's ctime and mtime in nanoseconds, device, inode, owner, group and size, as the index has them."""
    ctime, mtime, *others = numbers
    device, inode, owner, group, size = (number & _WORD for number in others)
    if numbers[-1] and not size:
        size = 0x80000000  # a whole number of 4 GiB: 0 would mean "look again" (git 2.43 and newer write the same)
    return FileStatus(_split(ctime), _split(mtime), device, inode, owner, group, size)


def _end(data: bytes, at: int) -> int:
    end = data.find(b"\0", at)
    if end < 0:
        raise IndexError
    return end


def _split(ns: int) -> tuple[int, int]:
    return ns // 10**9 & _WORD, ns % 10**9


def _varint(data: bytes, at: int) -> tuple[int, int]:
    byte = data[at]
    value = byte & 127
    while byte & 128:
        at += 1
        byte = data[at]
        value = ((value + 1) << 7) + (byte & 127)
    return value, at + 1
