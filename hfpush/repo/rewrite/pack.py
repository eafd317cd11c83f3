"""New git objects, all of them into the repository at once: one pack, which git verifies and puts in place by itself.

How many there will be is not known before; until then they are in a file without a name, so that a process that is
killed leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from hfpush.disk.trouble import disk_trouble
from hfpush.repo.pack import packed
from hfpush.repo.writing import WritingGit

_BLOCK = 2**20


class Pack:
    """Objects in the making. Made by `open_pack`."""

    def __init__(self, file: IO[bytes], place: Path, object_format: str) -> None:
        self._file = file
        self._place = place
        self._format = object_format
        self._ids: set[bytes] = set()

    def add(self, kind: str, content: bytes) -> bytes:
        """Takes an object of the kind `commit`, `tree`, `blob` or `tag`; its id, as binary. One that is there already
        is not taken twice."""
        id = self._digest(f"{kind} {len(content)}\0".encode() + content)
        if id not in self._ids:
            self._ids.add(id)
            try:
                self._file.write(packed(kind, content))
            except OSError as error:
                raise disk_trouble(error, self._place) from error
        return id

    def finish(self, git: WritingGit) -> None:
        """Puts the objects into the repository: all, or none when an error is raised."""
        if not self._ids:
            return
        head = b"PACK" + struct.pack(">LL", 2, len(self._ids))
        digest = hashlib.new(self._format, head, usedforsecurity=False)
        try:
            self._file.flush()
        except OSError as error:
            raise disk_trouble(error, self._place) from error
        self._file.seek(0)
        with git.fed("index-pack", "--stdin") as feed:
            feed.write(head)
            while block := self._file.read(_BLOCK):
                digest.update(block)
                feed.write(block)
            feed.write(digest.digest())

    def _digest(self, data: bytes) -> bytes:
        return hashlib.new(self._format, data, usedforsecurity=False).digest()


@contextmanager
def open_pack(place: Path, object_format: str) -> Iterator[Pack]:
    """A new pack, whose bytes gather on the disk of the folder `place`; `object_format` is `sha1` or `sha256`."""
    try:
        file = tempfile.TemporaryFile(dir=place)  # noqa: SIM115  # closed below
    except OSError as error:
        raise disk_trouble(error, place) from error
    try:
        yield Pack(file, place, object_format)
    finally:
        file.close()
