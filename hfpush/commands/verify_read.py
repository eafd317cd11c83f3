"""Reads files and compares them with their digests, several at once. Each is read from its start to its end, once.

hashlib lets other threads run while it works, so one thread a core is as fast as hashing gets. Only regular files are
opened, and without waiting: a pipe or a device under a file's name keeps nobody.
"""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Protocol

from hfpush import units
from hfpush.commands.verify_found import Item, State, Verdict
from hfpush.disk.content import Content

_BLOCK = 1 << 20
_AHEAD = 8 << 20
_LOOKS = 3
_LOOK_UP_SECONDS = 0.25  # how long a Ctrl-C may go unnoticed
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NOCTTY
_FAILURES = {errno.EACCES: "we may not read it", errno.EPERM: "we may not read it"}


class Reading(Protocol):
    """Who is told how far the reading is; called from several threads."""

    def begin(self, size: int) -> None:
        """So many bytes will be read in all."""

    def started(self, key: str, name: str, size: int, already: int) -> None:
        """A file begins."""

    def moved(self, key: str, count: int) -> None:
        """So many bytes of it were read."""

    def finished(self, key: str) -> None:
        """It has been read."""


def read_all(items: Iterable[Item], *, jobs: int, reading: Reading) -> dict[Path, Verdict]:
    """What came of each item, by where it lies; the large ones first, `jobs` at once."""
    work = sorted({item.where: item for item in items}.values(), key=lambda item: -item.size)
    reading.begin(sum(item.size for item in work))
    queue: SimpleQueue[Item] = SimpleQueue()
    for item in work:
        queue.put(item)
    stop = threading.Event()
    reader = _Reader(reading, stop)
    found: dict[Path, Verdict] = {}
    futures: list[Future[None]] = []

    def take(future: Future[None]) -> None:
        try:
            block = bytearray(_BLOCK)
            with suppress(Empty):
                while not stop.is_set():
                    item = queue.get_nowait()
                    found[item.where] = reader.judge(item, block)
            future.set_result(None)
        except BaseException as failure:  # noqa: BLE001  (handed to who waits for the future)
            future.set_exception(failure)

    for number in range(max(1, min(jobs, len(work)))):
        futures.append(Future())
        threading.Thread(target=take, args=(futures[-1],), name=f"hfpush-verify-{number}", daemon=True).start()
    try:
        while wait(futures, _LOOK_UP_SECONDS, FIRST_EXCEPTION).not_done and not any(map(_failure, futures)):
            pass
    finally:
        stop.set()
    for failure in filter(None, map(_failure, futures)):
        raise failure
    return found


def _failure(future: Future[None]) -> BaseException | None:
    return future.exception() if future.done() else None


class _Stopped(Exception):
    """The reading was ended early."""


class _Reader:
    def __init__(self, reading: Reading, stop: threading.Event) -> None:
        self._reading = reading
        self._stop = stop

    def judge(self, item: Item, block: bytearray) -> Verdict:
        """Whether the file is one of its contents. One that changes meanwhile is looked at again."""
        key = str(item.where)
        self._reading.started(key, item.where.name, item.size, 0)
        verdict = Verdict("changing", "it changes while it is read")
        try:
            for _ in range(_LOOKS):
                steady, verdict = self._look(item, block)
                if steady:
                    break
        except OSError as error:
            return _failed(error)
        finally:
            self._reading.finished(key)
        return verdict

    def _look(self, item: Item, block: bytearray) -> tuple[bool, Verdict]:
        """A verdict, and whether the file stayed the same meanwhile."""
        fd = os.open(item.where, _FLAGS)
        try:
            before = os.fstat(fd)
            if not stat.S_ISREG(before.st_mode):
                return True, Verdict("misplaced", "it is not a regular file")
            verdict = self._compare(fd, item, before.st_size, block)
            after, named = os.fstat(fd), os.stat(item.where, follow_symlinks=False)
        finally:
            os.close(fd)
        if verdict.state == "fine":
            return True, verdict  # the bytes that were read had the digest, whatever came later
        steady = _mark(before) == _mark(after) == _mark(named)
        return steady, verdict if steady else Verdict("changing", "it changes while it is read")

    def _compare(self, fd: int, item: Item, size: int, block: bytearray) -> Verdict:
        fitting = [content for content in item.contents if content.size == size]
        if not item.contents:
            return Verdict("unjudged", "nothing says which digest it should have")
        if not fitting:
            return _of_another_size(size, item.contents[0].size)
        for content in fitting:
            if self._digest(fd, str(item.where), content, block) == content.id:
                return Verdict("fine", content=content)
        return Verdict("damaged", f"its size is right, {units.size(size)}, but its digest is not {fitting[0].id}")

    def _digest(self, fd: int, key: str, content: Content, block: bytearray) -> str:
        hasher, view, at = content.hasher(), memoryview(block), 0
        advised = 0 if hasattr(os, "posix_fadvise") else content.size  # elsewhere than on Linux nothing is foretold
        while at < content.size:
            if self._stop.is_set():
                raise _Stopped
            if at + _AHEAD > advised and advised < content.size:
                os.posix_fadvise(fd, advised, 2 * _AHEAD, os.POSIX_FADV_WILLNEED)  # while the last piece is hashed
                advised += 2 * _AHEAD
            count = os.preadv(fd, [view[: min(len(view), content.size - at)]], at)
            if not count:
                break
            hasher.update(view[:count])
            at += count
            self._reading.moved(key, count)
        return hasher.hexdigest()


def _mark(facts: os.stat_result) -> Sequence[int]:
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns


def _of_another_size(size: int, wanted: int) -> Verdict:
    what = "shorter" if size < wanted else "longer"
    return Verdict("damaged", f"it has {size:,} bytes, {abs(wanted - size):,} {what} than it should be")


def _failed(error: OSError) -> Verdict:
    if error.errno == errno.ENOENT:
        return Verdict("missing", "it went away meanwhile")
    if error.errno in (errno.ELOOP, errno.ENXIO, errno.ENODEV):  # a link, a socket, a device without a driver
        return Verdict("misplaced", "it is not a regular file")
    state: State = "unreadable"
    return Verdict(state, _FAILURES.get(error.errno or 0, f"it cannot be read: {error.strerror}"))
