"""The digest of a file that is still growing: a thread reads behind the writer, out of the page cache.

Hashing beside the network costs no wall time where there is a second core; hashing in the receiving loop does. For
a small rest the thread is not worth its start, and the caller's own thread does the work at the end.
"""

from __future__ import annotations

import errno
import os
import threading
from contextlib import suppress
from pathlib import Path

from hfpush.disk.content import Content
from hfpush.disk.trouble import disk_trouble

_BLOCK = 1 << 20
_WORTH_A_THREAD = 8 << 20
_DISK_PATIENCE = 120.0


class Follower:
    """Hashes the first bytes of an open file, as far as `advance` says that they are written. Use it as a context.

    Reads through the writer's own descriptor `fd`, at places of its own: also a file that was renamed meanwhile. The
    descriptor stays open as long as the context. `path` is for messages.
    """

    def __init__(self, fd: int, content: Content, path: Path) -> None:
        self._content = content
        self._fd = fd
        self._path = path
        self._state = threading.Condition()
        self._frontier = 0
        self._hashed = 0
        self._round = 0
        self._hasher = content.hasher()
        self._failure: OSError | None = None
        self._stopped = False
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Follower:
        return self

    def __exit__(self, *_: object) -> None:
        with self._state:
            self._stopped = True
            self._state.notify_all()
        if self._thread is not None:
            self._thread.join()

    def advance(self, frontier: int) -> None:
        """Bytes [0, frontier) are in the file and will not change before `restart`. Called from any thread."""
        with self._state:
            self._frontier = max(self._frontier, frontier)
            self._state.notify_all()
            if self._thread is None and self._content.size - self._hashed >= _WORTH_A_THREAD:
                self._begin()

    def restart(self) -> None:
        """Everything is written again from the first byte."""
        with self._state:
            self._frontier = self._hashed = 0
            self._round += 1
            self._hasher = self._content.hasher()

    def matches(self) -> bool:
        """Whether the file's bytes, all of them written, have the digest they must have.

        Waits for the hashing to catch up. Raises LocalTrouble when the file cannot be read.
        """
        try:
            if self._thread is None:
                block = bytearray(min(_BLOCK, max(self._content.size, 1)))
                while self._step(block):
                    pass
            else:
                self._catch_up()
        except OSError as error:
            raise disk_trouble(error, self._path) from error
        return self._hashed == self._content.size and self._hasher.hexdigest() == self._content.id

    def _begin(self) -> None:
        """One thread, whoever comes first; where the system gives none, `matches` does it all."""
        thread = threading.Thread(target=self._run, name="hfpush-hash", daemon=True)
        with suppress(RuntimeError):
            thread.start()
            self._thread = thread

    def _catch_up(self) -> None:
        with self._state:
            while self._hashed < self._frontier and self._failure is None:
                before = self._hashed
                self._state.wait(_DISK_PATIENCE)
                if self._hashed == before and self._failure is None:
                    raise OSError(errno.EIO, f"no byte could be read in {_DISK_PATIENCE:.0f} s", str(self._path))
            if self._failure is not None:
                raise self._failure

    def _run(self) -> None:
        block = bytearray(_BLOCK)
        try:
            while self._wait_for_work():
                self._step(block)
        except OSError as error:
            with self._state:
                self._failure = error
                self._state.notify_all()

    def _wait_for_work(self) -> bool:
        with self._state:
            self._state.wait_for(lambda: self._stopped or self._hashed < self._frontier)
            return not self._stopped

    def _step(self, block: bytearray) -> bool:
        """Hash one block; False when there is nothing to hash."""
        with self._state:
            at, wanted = self._hashed, min(self._frontier - self._hashed, len(block))
            hasher, round_ = self._hasher, self._round
        if wanted == 0:
            return False
        count = os.preadv(self._fd, [memoryview(block)[:wanted]], at)
        if not count:
            raise OSError(errno.EIO, "the file became shorter while it was being written", str(self._path))
        hasher.update(memoryview(block)[:count])
        with self._state:
            if round_ == self._round:
                self._hashed = at + count
                self._state.notify_all()
        return True


def has_content(path: Path, content: Content) -> bool:
    """Whether the file at `path` is exactly `content`. Raises LocalTrouble when it cannot be read."""
    try:
        if path.stat().st_size != content.size:
            return False
        hasher, block, left = content.hasher(), bytearray(_BLOCK), content.size
        with path.open("rb", buffering=0) as file:
            while left and (count := file.readinto(block)):
                hasher.update(memoryview(block)[:count])
                left -= count
    except OSError as error:
        raise disk_trouble(error, path) from error
    return left == 0 and hasher.hexdigest() == content.id
