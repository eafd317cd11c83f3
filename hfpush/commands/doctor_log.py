"""A log that somebody gives to doctor, read for as long as there is time: a pipe may never end.

What its lines mean is diagnose/log's business.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Collection
from typing import BinaryIO, cast

from hfpush.diagnose.facts.log import LogLine
from hfpush.diagnose.side_by_side import Asking
from hfpush.findings import Finding

_MARGIN_SECONDS = 1.0


class LogReading:
    """A log that is being read since this was made, until `until` (of time.monotonic)."""

    def __init__(self, stream: BinaryIO, until: float, *, hub_hosts: Collection[str]) -> None:
        from hfpush.diagnose.log.classify import read_log

        self._until = until
        self._stream = Timed(stream, until)
        self._reading = Asking(lambda: read_log(cast(BinaryIO, self._stream), hub_hosts=hub_hosts))

    def result(self) -> tuple[tuple[LogLine, ...], tuple[Finding, ...]]:
        """The troubles that it tells of, and a note where its end was not seen. Never raises on content."""
        found = self._reading.wait(self._until + _MARGIN_SECONDS)
        if found is None or self._stream.stopped:
            return found or (), (_unended(),)
        return found, ()


class Timed:
    """As much of a stream as read_log asks for; it ends when there is no time left, and where it cannot be read:
    `stopped` is True then.

    A file's number is read, past what Python holds of it, so that nobody waits for a lock of it at the end.
    """

    def __init__(self, stream: BinaryIO, until: float) -> None:
        self._given, self._until, self.stopped = stream, until, False
        try:
            self._number: int | None = stream.fileno()
        except (OSError, ValueError):  # bytes in memory
            self._number = None

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end."""
        left = self._until - time.monotonic()
        try:
            if left > 0 and self._number is None:
                return self._given.read(size)
            if left > 0 and self._number is not None and select.select([self._number], [], [], left)[0]:
                return os.read(self._number, size)
        except OSError:
            pass
        self.stopped = True
        return b""


def _unended() -> Finding:
    return Finding(
        "log-unended",
        "The log was not at its end when the time was over: what came until then was read.",
        remedy=(
            "keep the log of the failed run in a file, for example: git push 2>&1 | tee push.log",
            "hfpush doctor --log push.log",
        ),
        severity="note",
    )
