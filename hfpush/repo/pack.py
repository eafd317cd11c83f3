"""Many new objects into a repository at once: one pack, written here and read by git itself.

git checks each object and names it (`index-pack`; `unpack-objects` for a few), so nothing wrong gets in. For thousands
of small blobs that costs a sixth of what `git fast-import` does. Which objects are new is asked here, too.
"""

from __future__ import annotations

import hashlib
import struct
import subprocess
import zlib
from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import IO

from hfpush.repo.process import Git

KINDS = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}
"""The numbers that a pack has for types of objects."""
_FEW = 100  # git's own `transfer.unpackLimit`: fewer become loose objects, so that small packs do not pile up
_FAST = 1
_TINY = 512  # so short a text, a pointer say, gains less by being compressed than it costs
_AT_ONCE = 2**16


def absent(git: Git, wanted: Collection[str]) -> list[str]:
    """Those of the ids that name no object in the repository, in their order."""
    if not wanted:
        return []
    listed = git.read("cat-file", "--batch-all-objects", "--unordered", "--buffer", "--batch-check=%(objectname)")
    here = set(listed.decode("ascii").split())
    return [id for id in wanted if id not in here]


def store_objects(git: Git, count: int, objects: Iterable[tuple[str, bytes]], *, object_format: str = "sha1") -> None:
    """Puts `count` objects, each a type of KINDS and its content, into the repository: all of them or none."""
    if not count:
        return
    # Threads would only resolve deltas, and there are none.
    way = ("unpack-objects", "-q") if count < _FEW else ("index-pack", "--stdin", "--threads=1")
    with git.running(*way, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(BrokenPipeError):  # git's own words and exit code say more, at the end of the block
            _write(process.stdin, count, objects, object_format)
            process.stdin.close()
        process.stdout.read()  # the pack's name: git must be able to say it


def packed(kind: str, content: bytes) -> bytes:
    """An object as it stands in a pack. Raises KeyError for a type that is none of KINDS."""
    size = len(content)
    first = KINDS[kind] << 4 | size & 15
    size >>= 4
    head = bytearray()
    while size:
        head.append(first | 0x80)
        first, size = size & 0x7F, size >> 7
    head.append(first)
    return bytes(head) + (_uncompressed(content) if len(content) <= _TINY else zlib.compress(content, _FAST))


def _uncompressed(content: bytes) -> bytes:
    """What zlib makes of a short content at level 0 (RFC 1950, and 1951 section 3.2.4), without zlib's long run-up."""
    size = len(content)
    return (
        b"\x78\x01\x01" + struct.pack("<HH", size, size ^ 0xFFFF) + content + struct.pack(">L", zlib.adler32(content))
    )


def _write(stream: IO[bytes], count: int, objects: Iterable[tuple[str, bytes]], object_format: str) -> None:
    digest = hashlib.new(object_format, usedforsecurity=False)
    waiting, length = [b"PACK" + struct.pack(">LL", 2, count)], 12
    for kind, content in objects:
        entry = packed(kind, content)
        waiting.append(entry)
        length += len(entry)
        if length >= _AT_ONCE:
            block = b"".join(waiting)
            digest.update(block)
            stream.write(block)
            waiting, length = [], 0
    block = b"".join(waiting)
    digest.update(block)
    stream.write(block + digest.digest())
    stream.flush()
