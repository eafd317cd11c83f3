"""The sha256 of an upload, taken while its parts arrive: it follows them from the front, as far as there is no gap.

A completion then has only the rest to read. A storage service does not read an object again when its parts are put
together, so neither should clients wait for that here. A thread runs only while there is something to follow.
"""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

_BLOCK = 1 << 20
_TURN = threading.Semaphore(1)  # many uploads at once would take the cores from the server that receives them


class Frontier:
    """The digest of `size` bytes in parts of `part_size` in the file `data`. Safe to use from several threads."""

    def __init__(self, data: Path, size: int, part_size: int) -> None:
        self._data = data
        self._size = size
        self._part_size = part_size
        self._lock = threading.Condition()
        self._whole: set[int] = set()
        self._following = False
        self._restart()

    def _restart(self) -> None:
        self._digest = hashlib.sha256()
        self._next = 1

    def stored(self, number: int) -> None:
        """All bytes of part `number` are in the file."""
        with self._lock:
            self._whole.add(number)
            if not self._following and self._next in self._whole:
                self._following = True
                threading.Thread(target=self._follow, name="frontier", daemon=True).start()

    def rewritten(self, number: int) -> None:
        """Part `number` is about to be written (again); what was read of it, or is being read, is forgotten."""
        with self._lock:
            self._whole.discard(number)
            if number < self._next:
                self._restart()
            elif number == self._next:
                self._digest = self._digest.copy()  # no longer the one that a reading under way began with

    def hexdigest(self) -> str:
        """The digest of the whole file, which nobody writes to any more. Raises OSError."""
        with self._lock:
            self._lock.wait_for(lambda: not self._following)
            digest, number = self._digest.copy(), self._next
        with self._data.open("rb", buffering=0) as stream:
            _read(stream.fileno(), (number - 1) * self._part_size, self._size, digest)
        return digest.hexdigest()

    def _follow(self) -> None:
        try:
            with self._data.open("rb", buffering=0) as stream:
                while self._one(stream.fileno()):
                    pass
        except OSError:
            with self._lock:  # the upload is gone, or cannot be read: whoever completes it reads, and is told
                self._restart()
                self._following = False
                self._lock.notify_all()

    def _one(self, file: int) -> bool:
        """Take the next part in, if it is whole."""
        with self._lock:
            number, before = self._next, self._digest
            if number not in self._whole:
                self._following = False
                self._lock.notify_all()
                return False
        digest = before.copy()
        start = (number - 1) * self._part_size
        with _TURN:
            _read(file, start, min(start + self._part_size, self._size), digest)
        with self._lock:
            if self._digest is before:  # else it was rewritten meanwhile, and the reading began anew
                self._digest, self._next = digest, number + 1
        return True


def _read(file: int, start: int, stop: int, digest: hashlib._Hash) -> None:
    buffer = bytearray(_BLOCK)
    view = memoryview(buffer)
    while start < stop:
        count = os.preadv(file, [view[: min(_BLOCK, stop - start)]], start)
        if count == 0:
            raise OSError("the file is shorter than its parts")
        digest.update(view[:count])
        start += count
