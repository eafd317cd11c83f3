"""A piece of a file as a request body: file-like, of known length, read as it is sent.

Memory is one block, whatever the size of the piece. Blocks begin small and grow while the line takes them
quickly, so that the idle limit on a block (net/pool.py) means "hardly anything moves" on any line.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import BinaryIO

from hfpush.errors import LocalTrouble, SourceChanged
from hfpush.findings import Finding
from hfpush.net.pool import BLOCK_BYTES

_FIRST_BLOCK = 32 * 1024
_QUICK_SECONDS = 0.5


class SliceBody:
    """Exactly `length` bytes of `stream` from where it stands. `on_bytes` is told how many were handed over.

    Raises SourceChanged when the stream ends early (the file was cut while it was being sent), LocalTrouble when it
    cannot be read: an OSError from here would pass for one of the network.
    """

    def __init__(self, stream: BinaryIO, length: int, *, on_bytes: Callable[[int], None] | None = None) -> None:
        self._stream = stream
        self._length = length
        self._left = length
        self._on_bytes = on_bytes
        self._block = _FIRST_BLOCK
        self._asked = time.monotonic()

    def __len__(self) -> int:
        return self._length

    def read(self, count: int = -1) -> bytes:
        """Up to `count` bytes, fewer while the line is slow; empty at the end."""
        now = time.monotonic()
        if now - self._asked < _QUICK_SECONDS:
            self._block = min(self._block * 2, BLOCK_BYTES)
        elif self._block > _FIRST_BLOCK:
            self._block //= 2
        self._asked = now
        wanted = min(self._left, self._block, count if count >= 0 else self._left)
        if wanted == 0:
            return b""
        data = self._read(wanted)
        if not data:
            raise SourceChanged(
                Finding(
                    "source-changed",
                    "A file became shorter while it was being sent.",
                    remedy=("let the program that writes it finish, then run the same command again",),
                )
            )
        self._left -= len(data)
        if self._on_bytes is not None:
            self._on_bytes(len(data))
        return data

    def _read(self, wanted: int) -> bytes:
        try:
            return self._stream.read(wanted)
        except OSError as error:
            raise LocalTrouble(
                Finding(
                    "file-unreadable",
                    "A file could not be read while it was being sent.",
                    (error.strerror or type(error).__name__,),
                    ("check the disk that holds it, then run the same command again",),
                )
            ) from error
