"""How far one object has got, told to git-lfs: never backwards, never beyond its size, and not too often."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from hfpush.errors import Unavailable
from hfpush.findings import Finding
from hfpush.net.news import News
from hfpush.transfer.observe import How, Silent

_EVERY_SECONDS = 0.1
Report = Callable[[int, int], None]


class Watch(Protocol):
    """Who follows what an agent does: git-lfs's trace. Safe to use from several threads."""

    def waits(self, seconds: float, why: Finding) -> None:
        """A request is tried again in that many seconds."""

    def news(self, text: str) -> None:
        """Something has changed on the line."""


class AgentProgress:
    """The progress of one object of `size` bytes; `report` is told how many have gone, and how many since last time.

    Safe to use from several threads. What has to go again is not taken back: the bar waits until it is made up for.
    """

    def __init__(self, size: int, report: Report, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._report = report
        self._clock = clock
        self._lock = threading.Lock()
        self._now = 0
        self._told = 0
        self._told_at = float("-inf")

    def begin(self) -> None:
        """A first byte, said before its time: git-lfs starts no second agent until one has moved something."""
        with self._lock:
            if self._size:
                self._tell(1)

    def at(self, position: int) -> None:
        """So many bytes of the object have gone by now."""
        with self._lock:
            self._now = position
            self._due()

    def add(self, count: int) -> None:
        """So many more; a negative number when they have to go again."""
        with self._lock:
            self._now += count
            self._due()

    def finish(self) -> None:
        """All of it is there."""
        with self._lock:
            self._tell(self._size)

    def _due(self) -> None:
        if self._clock() - self._told_at >= _EVERY_SECONDS:
            self._tell(self._now)

    def _tell(self, position: int) -> None:
        more = min(position, self._size) - self._told
        if more > 0:
            self._told += more
            self._told_at = self._clock()
            self._report(self._told, more)


class UploadProgress(Silent):
    """An observer of the upload of one object."""

    def __init__(self, progress: AgentProgress, watch: Watch) -> None:
        self._progress = progress
        self._watch = watch

    def started(self, oid: str, name: str, size: int, already: int) -> None:
        """Bytes from an earlier run count at once."""
        self._progress.add(already)

    def moved(self, oid: str, count: int) -> None:
        """As Observer says."""
        self._progress.add(count)

    def finished(self, oid: str, how: How) -> None:
        """As Observer says."""
        self._progress.finish()

    def waiting(self, seconds: float, why: Unavailable) -> None:
        """As Observer says."""
        self._watch.waits(seconds, why.finding)

    def paused(self, kept: int) -> None:
        """git-lfs asks again for what has not come."""

    def news(self, item: News) -> None:
        """As Observer says."""
        self._watch.news(item.text)
