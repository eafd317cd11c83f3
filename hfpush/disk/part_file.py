"""An open file that is filled at any place, by several threads, and knows after a kill which bytes it has.

While only a first part is there, its length says how long that is. Before bytes are written beyond it, the file gets a
journal behind the content (see draft_map.py) and is longer than the content from then on. Bytes are written before
the record that says so; a record is due when what is new amounts to a 256th of what is there, so that a kill costs
little and a record does, too.

When the power goes out, a record may have reached the disk and its bytes not. Such bytes are holes in the file, and
what lies in a hole is not believed. Anything else only the digest of the whole shows. File systems without holes
(exFAT, FAT, HFS+) write zeros up to where a byte is put: correct, but the first write far behind takes its time.

No room is reserved ahead. On ext4 that saves 0.07 s of a core per GiB, on tmpfs it costs 0.15 s (measured); a killed
process would leave a reservation that looks like missing room to the next one; posix_fallocate writes zeros where the
file system cannot reserve. Whether the disk has room is asked before anything is fetched.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from hfpush.disk.copying import copy_start
from hfpush.disk.draft_map import MOST_BYTES, Record, encode, newest, room_for
from hfpush.disk.extents import Extents
from hfpush.disk.plain import is_ours_alone
from hfpush.disk.trouble import disk_trouble
from hfpush.errors import Busy

_JOURNAL_ROOM = 4096
_DUE_SHARE = 8  # a record is due after have.total >> 8 new bytes ...
_DUE_MOST = 4 << 20  # ... and after this many at the latest
_MOST_HOLES = 4096
_SLEPT_SECONDS = 5.0  # who has not written for so long looks first whether the file is still his


class PartFile:
    """The bytes [0, size) of the open file `fd`, some of which are there. Safe to use from several threads.

    Methods raise LocalTrouble when the disk refuses, and Busy (`draft-lost`) when nothing is at `path` any more:
    another process took the file over, and may have published it. The descriptor is the caller's to close, after
    `settle`.
    """

    def __init__(self, fd: int, size: int, path: Path) -> None:
        self.path = path
        self._fd = fd
        self._size = size
        self._lock = threading.Lock()
        self._looked = time.time()  # not the monotonic clock, which sleeps when the machine does
        self._writing = 0  # writes under way
        self._unrecorded = 0
        self._due = 0
        self._have, self._last = _read_map(fd, size)
        self._mapped = os.fstat(fd).st_size > size
        if self._mapped and self._last is None:
            os.ftruncate(fd, 0)
            self._mapped = False
        present = _without_holes(fd, size, self._have)
        if present != self._have:
            self._have = present
            self._settle()

    @property
    def have(self) -> Extents:
        """The bytes that have been written, in this run or before; whether they are right only the digest says."""
        return self._have

    def write(self, at: int, data: memoryview) -> None:
        """Put `data` at `at`, anywhere within the size. Bytes that do not fit are never reported as written."""
        if at < 0 or at + len(data) > self._size:
            raise ValueError(f"{len(data)} bytes at {at} are beyond the {self._size} of the file")
        with self._lock:
            self._look(_SLEPT_SECONDS)
            if at > self._have.frontier and not self._mapped:
                self._map()
            self._writing += 1
        start = at
        try:
            while data:
                count = os.pwrite(self._fd, data, at)
                at, data = at + count, data[count:]
        except OSError as error:
            raise disk_trouble(error, self.path) from error
        finally:
            with self._lock:
                self._writing -= 1
                self._have = self._have.with_(start, at)
                self._unrecorded += at - start
                due = self._mapped and self._unrecorded and self._unrecorded >= self._due
                if due:
                    self._record()

    def read(self, at: int, into: memoryview) -> int:
        """Read from `at` on into the buffer, as far as there is content. Gives the number of bytes."""
        wanted = into[: max(0, min(len(into), self._size - at))]
        try:
            return os.preadv(self._fd, [wanted], at) if wanted else 0
        except OSError as error:
            raise disk_trouble(error, self.path) from error

    def forget(self, start: int, stop: int) -> None:
        """The bytes [start, stop) are wrong: no longer there."""
        with self._lock:
            self._have = self._have.without(start, stop)
            self._settle()

    def reset(self) -> None:
        """Nothing of it is right."""
        self.forget(0, self._size)

    def adopt(self, source: Path) -> None:
        """Start from the bytes of an existing file, as far as it goes; shared with it where the file system can."""
        self.reset()
        try:
            with source.open("rb", buffering=0) as file:
                count = min(os.fstat(file.fileno()).st_size, self._size)
                copied = copy_start(file.fileno(), self._fd, count)
        except OSError as error:
            raise disk_trouble(error, self.path) from error
        with self._lock:
            self._have = Extents.prefix(copied)

    def settle(self) -> None:
        """Write down what is there, as shortly as it goes: for whoever opens the file next."""
        with self._lock:
            self._settle()

    def _settle(self) -> None:
        if self._writing or self._have.total != self._have.frontier:
            self._record() if self._mapped else self._map()
        else:
            self._cut()

    def _look(self, patience: float = 0.0) -> None:
        """Raise Busy when the file has been taken over; it would be changed under another process's hands."""
        now = time.time()
        if 0 <= now - self._looked < patience:
            return
        if not os.path.lexists(self.path):
            raise Busy.of("draft-lost", "Another process took over a file that we were fetching.")
        self._looked = now

    def _cut(self) -> None:
        self._look()
        try:
            os.ftruncate(self._fd, self._have.frontier)
        except OSError as error:
            raise disk_trouble(error, self.path) from error
        self._mapped, self._last, self._unrecorded = False, None, 0

    def _map(self) -> None:
        """From now on the journal counts, and not the length."""
        try:
            self._record()
            end = self._size + max(_JOURNAL_ROOM, self._last.stop if self._last else 0)
            os.ftruncate(self._fd, end)  # this goes to the disk in order, before bytes that are written later
        except BaseException:
            with suppress(OSError):
                os.ftruncate(self._fd, self._have.frontier)
            raise
        self._mapped = True

    def _record(self) -> None:
        self._look()
        number = self._last.number + 1 if self._last else 1
        record = encode(number, self._have, self._size)
        start = room_for(len(record), self._last)
        try:
            if os.pwrite(self._fd, record, self._size + start) < len(record):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
        except OSError as error:
            raise disk_trouble(error, self.path) from error
        self._last = Record(number, start, start + len(record), self._have)
        self._unrecorded = 0
        self._due = min(self._have.total >> _DUE_SHARE, _DUE_MOST)


def bytes_there(path: Path, size: int) -> int:
    """How many bytes of a content of `size` the file at `path` says it has; 0 for one that cannot be told, or
    is not to be written to: no regular file, or one that has another name as well."""
    with suppress(OSError):
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
        fd = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
        try:
            return _read_map(fd, size)[0].total if is_ours_alone(os.fstat(fd)) else 0
        finally:
            os.close(fd)
    return 0


def _read_map(fd: int, size: int) -> tuple[Extents, Record | None]:
    length = os.fstat(fd).st_size
    if length <= size:
        return Extents.prefix(length), None
    record = newest(os.pread(fd, min(length - size, MOST_BYTES), size), size)
    return (record.have, record) if record else (Extents(), None)


def _without_holes(fd: int, size: int, have: Extents) -> Extents:
    for start, stop in _holes(fd, min(have.end, size)):
        have = have.without(start, stop)
    return have


def _holes(fd: int, end: int) -> Iterator[tuple[int, int]]:
    """Stretches of [0, end) that were never written to, as far as the file system tells."""
    if not hasattr(os, "SEEK_HOLE"):
        return
    at = 0
    for _ in range(_MOST_HOLES):
        try:
            start = os.lseek(fd, at, os.SEEK_HOLE)
        except OSError:  # it has no such question
            return
        if start >= end:
            return
        try:
            at = os.lseek(fd, start, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # a hole up to the end of the file
                yield start, end
            return
        yield start, min(at, end)
        if at >= end:
            return
