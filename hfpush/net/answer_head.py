"""The head of an answer, read within a bound: the socket's own limit is one of silence, and begins anew with each byte.

Put under urllib3's connections by net/pool.py. The body is not touched.
"""

from __future__ import annotations

import http.client
import time
from io import BufferedReader
from typing import Any

HEAD_SECONDS = 30.0
"""From the first byte of a head to its end."""
_MOST_INTERIM = 32


class BoundedHead(http.client.HTTPResponse):
    """An answer whose head comes in time, or TimeoutError; with more than a few `100 Continue`, HTTPException."""

    head_seconds = HEAD_SECONDS
    _interim = -1

    def begin(self) -> None:
        """As http.client does it, in time."""
        stream: Any = self.fp
        self.fp = _Timed(stream, self.head_seconds)  # type: ignore[assignment]  # all that is asked of it there
        try:
            super().begin()
        finally:
            if self.fp is not None:  # it is gone when there is nothing more to be read
                self.fp = stream

    def _read_status(self) -> tuple[str, int, str]:
        self._interim += 1
        if self._interim > _MOST_INTERIM:
            raise http.client.HTTPException("one interim answer after the other, and no other")
        reader: Any = self.fp
        reader.starts_anew()
        status: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
        return status


class _Timed:
    """Lines out of a stream, which is left where they end."""

    def __init__(self, stream: BufferedReader, seconds: float) -> None:
        self._stream = stream
        self._seconds = seconds
        self._end: float | None = None

    def starts_anew(self) -> None:
        """The time runs from the next byte."""
        self._end = None

    def readline(self, limit: int) -> bytes:
        """A line, as of a stream. Raises TimeoutError."""
        line = bytearray()
        while len(line) < limit:
            there = self._stream.peek(1)[: limit - len(line)]
            now = time.monotonic()
            if self._end is None:
                self._end = now + self._seconds
            if now > self._end:
                raise TimeoutError(f"the head of the answer was not complete after {self._seconds:g} s")
            line += self._stream.read(there.find(b"\n") + 1 or len(there))
            if not there or line.endswith(b"\n"):
                break
        return bytes(line)

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()

    def flush(self) -> None:
        """Nothing is written here."""
