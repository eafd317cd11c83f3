"""The head of an answer, read within a bound: the socket's own limit is one of silence, and begins anew with each byte.

Put under urllib3's connections by net/pool.py. The body is not touched. A head of plain lines, as nearly all are, is
taken apart here: the email package, which http.client asks, needs as long for it as all else of a small answer takes.
"""

from __future__ import annotations

import email.parser
import http.client
import re
import time
from io import BufferedReader
from typing import Any

HEAD_SECONDS = 30.0
"""From the first byte of a head to its end."""
_MOST_INTERIM = 32
_MOST_LINES, _MOST_OF_A_LINE = 100, 65536  # http.client's
_PLAIN = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?:[\x21-\x7e][\t\x20-\x7e]*)?)\r\n")


class BoundedHead(http.client.HTTPResponse):
    """An answer whose head comes in time, or TimeoutError; with more than a few `100 Continue`, HTTPException."""

    head_seconds = HEAD_SECONDS
    _interim = -1

    def begin(self) -> None:
        """As http.client does it, in time."""
        stream: Any = self.fp
        self.fp = _Timed(stream, self.head_seconds)  # type: ignore[assignment]  # all that is asked of it there
        try:
            if self.headers is None:
                self._begin()
        finally:
            if self.fp is not None:  # it is gone when there is nothing more to be read
                self.fp = stream

    def _begin(self) -> None:
        """What http.client's `begin` does."""
        version, status, reason = self._read_status()
        while status == http.client.CONTINUE:
            _lines(self.fp)
            version, status, reason = self._read_status()
        self.code = self.status = status
        self.reason = reason.strip()
        if version not in ("HTTP/1.0", "HTTP/0.9") and not version.startswith("HTTP/1."):
            raise http.client.UnknownProtocol(version)
        self.version = 10 if version in ("HTTP/1.0", "HTTP/0.9") else 11
        self.headers = self.msg = headers_of(_lines(self.fp))
        self.chunked = (self.headers.get("transfer-encoding") or "").lower() == "chunked"
        self.chunk_left = None
        self.will_close = self._check_close()  # type: ignore[attr-defined]
        self.length = None if self.chunked else _number(self.headers.get("content-length"))
        bodiless = status in (http.client.NO_CONTENT, http.client.NOT_MODIFIED) or status < 200
        if bodiless or self._method == "HEAD":  # type: ignore[attr-defined]
            self.length = 0
        if self.length is None and not self.chunked:
            self.will_close = True

    def _read_status(self) -> tuple[str, int, str]:
        self._interim += 1
        if self._interim > _MOST_INTERIM:
            raise http.client.HTTPException("one interim answer after the other, and no other")
        reader: Any = self.fp
        reader.starts_anew()
        status: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
        return status


def headers_of(lines: list[bytes]) -> http.client.HTTPMessage:
    """The headers that the lines of a head stand for, as http.client finds them."""
    found = [_PLAIN.fullmatch(line) for line in lines[:-1]]
    if not all(found) or lines[-1:] != [b"\r\n"]:
        whole = b"".join(lines).decode("iso-8859-1")
        return email.parser.Parser(_class=http.client.HTTPMessage).parsestr(whole)
    headers = http.client.HTTPMessage()
    for one in found:
        assert one is not None
        headers.set_raw(one[1].decode("ascii"), one[2].decode("ascii"))
    headers.set_payload("")
    return headers


def _lines(stream: Any) -> list[bytes]:
    """The lines up to the empty one, which is the last."""
    lines: list[bytes] = []
    while True:
        line = stream.readline(_MOST_OF_A_LINE + 1)
        if len(line) > _MOST_OF_A_LINE:
            raise http.client.LineTooLong("header line")
        lines.append(line)
        if len(lines) > _MOST_LINES:
            raise http.client.HTTPException(f"got more than {_MOST_LINES} headers")
        if line in (b"\r\n", b"\n", b""):
            return lines


def _number(text: str | None) -> int | None:
    try:
        number = int(text or "")
    except ValueError:
        return None
    return number if number >= 0 else None


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
