"""Small files that are in memory already: many become visible together, with one sync for all of them.

Each is written aside as a whole draft of its own (so what a killed run leaves behind is gone on with like any other
draft), without a lock and without looking whether others are at it: two at once do the same work twice, and whoever
comes last replaces equal bytes by equal bytes. When enough have come together their bytes are brought to the disk,
and only then they get their names: readers of the cache believe a name, also after the power went out.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hfpush.disk.draft import DraftHome, sweep_empty
from hfpush.disk.draft_names import held_name, myself
from hfpush.disk.folder import Rights, make_folder, make_our_folder, rights_in
from hfpush.disk.sync import sync_files
from hfpush.disk.trouble import disk_trouble
from hfpush.errors import HfpushError

_MOST_FILES = 1024
_MOST_BYTES = 32 << 20
_MOST_SECONDS = 3.0


@dataclass(frozen=True)
class _Waiting:
    aside: Path
    target: Path
    then: Callable[[], object]


class Group:
    """Verified small files on their way into one place, from several threads. `flush` it before you say that all is
    there; what is not flushed stays behind as drafts, which is harmless.

    `files`, `size` (bytes) and `seconds` (since the first one) say when a group is complete: it is put into its place
    by the thread that adds the last one, or by one of the group's own when none comes.
    """

    def __init__(self, *, files: int = _MOST_FILES, size: int = _MOST_BYTES, seconds: float = _MOST_SECONDS) -> None:
        self._files, self._size, self._seconds = files, size, seconds
        self._lock = threading.Lock()
        self._placing = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._bytes = 0  # of those that wait
        self._since = 0.0
        self._alarm: threading.Timer | None = None
        self._failure: HfpushError | None = None  # of the alarm, for the next who asks
        self._rights: dict[Path, Rights | None] = {}

    def add(self, home: DraftHome, data: bytes | memoryview, target: Path, then: Callable[[], object]) -> None:
        """Take the bytes of a content; they were verified by the caller, and are written when this returns.

        `then` is called once `target` is there: for links to it, notes, and telling. It may be called from another
        thread than this one, and must not add. Raises LocalTrouble, also for others of the group.
        """
        aside = home.folder / held_name(home.content.id, myself())
        try:
            self._write(aside, data)
        except OSError as error:
            raise disk_trouble(error, aside) from error
        with self._lock:
            if not self._waiting:
                self._since = time.monotonic()
                self._alarm = threading.Timer(self._seconds, self._flush_late)
                self._alarm.daemon = True
                with suppress(RuntimeError):  # the system gives no thread: then the group waits for its end
                    self._alarm.start()
            self._waiting.append(_Waiting(aside, target, then))
            self._bytes += len(data)
            full = len(self._waiting) >= self._files or self._bytes >= self._size
            full = full or time.monotonic() - self._since >= self._seconds
        if full:
            self.flush()

    def flush(self) -> None:
        """Everything that was added before this call is in its place when it returns. Raises LocalTrouble."""
        with self._placing:
            self._flush()

    def _flush_late(self) -> None:
        with self._placing:
            try:
                self._flush()
            except HfpushError as failure:
                self._failure = failure

    def _flush(self) -> None:
        with self._lock:
            batch, self._waiting, self._bytes = self._waiting, [], 0
            if self._alarm is not None:
                self._alarm.cancel()
        failure, self._failure = self._failure, None
        if batch:
            self._place(batch)
        if failure is not None:
            raise failure

    def _write(self, aside: Path, data: bytes | memoryview) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
        try:
            fd = os.open(aside, flags, 0o666)
        except FileNotFoundError:
            make_our_folder(aside.parent)
            fd = os.open(aside, flags, 0o666)
        try:
            rights = self._rights_in(aside.parent)
            if rights is not None:
                rights.give(fd)
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(fd, rest) :]
        except BaseException:
            with suppress(OSError):
                aside.unlink()
            raise
        finally:
            os.close(fd)

    def _rights_in(self, folder: Path) -> Rights | None:
        if folder not in self._rights:
            sweep_empty(folder)  # a run that was killed between making one and writing it
            self._rights[folder] = rights_in(folder)
        return self._rights[folder]

    def _place(self, batch: list[_Waiting]) -> None:
        first: OSError | None = None
        at = batch[0].aside
        try:
            sync_files([one.aside for one in batch])
        except OSError as error:
            raise disk_trouble(error, at) from error
        for one in batch:
            try:
                _move(one.aside, one.target)
            except OSError as error:
                first, at = first or error, one.target if first is None else at
                continue
            one.then()
        if first is not None:
            raise disk_trouble(first, at) from first


def _move(aside: Path, target: Path) -> None:
    try:
        os.replace(aside, target)
    except FileNotFoundError:
        if not aside.exists():
            raise
        make_folder(target.parent)
        os.replace(aside, target)
