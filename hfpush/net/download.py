"""The body of a GET, fast, with every bound a body needs.

The head comes through requests, the body straight from the connection into one reused buffer: no copy, no
decoding, memory of one block. Here is also what an answer to a range request is worth; what to do when it is worth
nothing, when to try again, and whether the bytes are right, others decide.
"""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import requests
import urllib3

from hfpush.errors import HfpushError, Refused, Unavailable
from hfpush.findings import Finding
from hfpush.net.fit import AnswerUnfit, RangeUnusable, Wanted, body_start, encoding_of, strong_etag, unfit
from hfpush.net.http import Call, Http, network_failure
from hfpush.net.limit import Limit
from hfpush.net.lined import Lined
from hfpush.net.ranges import range_header
from hfpush.net.redact import place

__all__ = ["BLOCK_BYTES", "AnswerUnfit", "Download", "LeastRate", "RangeUnusable", "Wanted", "open_download"]

BLOCK_BYTES = 1 << 20
"""What a receive takes of memory; a quarter of it is enough where many run at once."""
_HAND_OVER = 128 * 1024  # of which a killed process loses at most this, or this many seconds
_HAND_OVER_SECONDS = 0.05
_PLAIN_READ = 64 * 1024
_OURS = {"content-length", "transfer-encoding", "connection", "host", "range", "accept-encoding", "expect", "te"}
_AGAIN = ("run the same command again in a while; it goes on where it was",)


Write = Callable[[int, memoryview], None]
ReadSome = Callable[[memoryview], int]


@dataclass(frozen=True)
class LeastRate:
    """The least that a body must bring: `bytes` in every `seconds`. Keeps a server from holding us with a drip."""

    seconds: float = 60.0
    bytes: int = 32 * 1024


class Download:
    """An answer whose head is fit; its body gives bytes [start, stop). Close it in any case.

    `url` is where the body comes from, redirects followed, which may be a signed address and is shown to nobody; `etag`
    is the strong ETag of the answer, or empty. `whole` says that the server gave the whole file, be it for a range.
    """

    def __init__(self, response: requests.Response, wanted: Wanted, start: int, *, idle_seconds: float) -> None:
        self.whole = response.status_code == 200
        self._response = response
        self.url = str(response.url)
        self.etag = strong_etag(response)
        self._socket = _socket_of(response)
        self.start = start
        self.stop = wanted.end if start == wanted.start else wanted.size
        self._due = wanted.size if self.whole else wanted.end
        self._at = start
        self._moving = threading.Lock()  # of `stop` and `_at`
        self._aborted = threading.Event()
        if self._socket is not None:
            self._socket.settimeout(idle_seconds)

    def receive(
        self,
        write: Write,
        *,
        least: LeastRate | None = None,
        limit: Limit | None = None,
        block: int = BLOCK_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Hand every byte to `write(at, data)`, in order; `data` is only good until `write` returns.

        No more than `limit` allows is received, and at most `block` bytes of memory are used. What arrived before a
        failure was handed over before it is raised: Unavailable when the line was cut, stood still or was slower than
        `least` by no wish of ours; AnswerUnfit when there is more than was promised.
        """
        meter = _Meter(least or LeastRate(), clock, self.stop - self.start)
        try:
            read = self._direct() or self._plain()
            self._pump(read, write, meter, _Pause(limit, self._aborted, self._response), block)
            self._finish()
        except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
            raise network_failure("GET", self.url, error) from error

    def shorten(self, stop: int) -> int:
        """End a `receive`, also one that runs in another thread, at `stop` or as soon after it as what has come
        allows; returns where it ends. No byte from there on is handed over, and never is it made longer."""
        with self._moving:
            self.stop = min(self.stop, max(stop, self._at))
            return self.stop

    def abort(self) -> None:
        """Make a `receive` that runs in another thread fail at once."""
        self._aborted.set()
        if self._socket is not None:
            with suppress(OSError):  # closed in the meantime
                # not the SSL socket's own method, which takes its state away under the reader
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the connection back, or close it when the body was not read to its end."""
        self._response.close()

    def __enter__(self) -> Download:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _direct(self) -> ReadSome | None:
        """Reading past http.client, which would fill a whole block before it returns; Content-Length bodies only.

        First what http.client's buffer still holds, then one recv at a time into our own memory. Of a TLS connection
        that is a record, 16 KiB at most.
        """
        body = getattr(self._response.raw, "_fp", None)
        encoded = encoding_of(self._response)
        if not isinstance(body, http.client.HTTPResponse) or body.chunked or body.length is None or encoded:
            return None
        stream: Any = body.fp
        if not hasattr(stream, "read1") or body.length != self._due - self.start:
            return None
        begun = False

        def read(block: memoryview) -> int:
            nonlocal begun
            if begun:
                count: int = stream.raw.readinto(block)
            else:  # read1 gives nothing but what is buffered, if anything is; readinto1 loses it on a timeout
                asked = min(len(block), _PLAIN_READ)
                first = stream.read1(asked)
                block[: len(first)] = first
                begun, count = len(first) < asked, len(first)
            body.length -= count  # type: ignore[operator]
            return count

        return read

    def _plain(self) -> ReadSome:
        raw = self._response.raw

        def read(block: memoryview) -> int:
            data = raw.read(min(len(block), _PLAIN_READ), decode_content=True)
            block[: len(data)] = data
            return len(data)

        return read

    def _pump(self, read: ReadSome, write: Write, meter: _Meter, pause: _Pause, size: int) -> None:
        block = memoryview(bytearray(min(size, max(self.stop - self.start, 1))))
        enough, most = min(_HAND_OVER, len(block)), pause.piece or len(block)
        filled, handed = 0, meter.clock()
        try:
            while (left := self.stop - self._at - filled) > 0:
                count = read(block[filled : filled + min(left, most)])
                if count == 0:
                    raise _cut(self.url, self.stop - self.start, left)
                filled += count
                now = meter.took(count)
                if filled >= enough or now - handed > _HAND_OVER_SECONDS or meter.too_slow:
                    whole, filled, handed = block[:filled], 0, now
                    self._hand_over(write, whole)
                if meter.too_slow:
                    raise _too_slow(self.url, meter.least)
                if pause.piece:
                    meter.excuse(pause.after(count))
        finally:
            if filled:
                self._hand_over(write, block[:filled])

    def _hand_over(self, write: Write, data: memoryview) -> None:
        """Write what is before `stop`, which may have moved since it was asked for."""
        with self._moving:
            at, data = self._at, data[: max(0, self.stop - self._at)]
            self._at += len(data)
        if data:
            write(at, data)

    def _finish(self) -> None:
        """The body is complete: see that nothing follows, and let the connection be used again. With one that was cut
        short ours is not worth reading on."""
        if self.stop < self._due:
            return
        raw = self._response.raw
        body = getattr(raw, "_fp", None)
        if isinstance(body, http.client.HTTPResponse) and not (body.chunked or encoding_of(self._response)):
            if body.length is None:
                return  # it ends with its connection, for which nobody need wait
            if body.length == 0:
                body.close()
                raw.release_conn()
                return
        if raw.read(1, decode_content=True):
            raise unfit(self.url, f"it has more than the {self.stop - self.start} bytes that were due")


class _Meter:
    """Watches the rate of a body of `total` bytes."""

    def __init__(self, least: LeastRate, clock: Callable[[], float], total: int) -> None:
        self.least, self.clock, self.too_slow = least, clock, False
        self._left, self._since, self._brought = total, clock(), 0

    def took(self, count: int) -> float:
        """Note `count` bytes; returns the time."""
        now = self.clock()
        self._brought += count
        self._left -= count
        if now - self._since >= self.least.seconds:
            self.too_slow = self._left > 0 and self._brought < self.least.bytes
            self._since, self._brought = now, 0
        return now

    def excuse(self, seconds: float) -> None:
        """So long it was we who did not read."""
        self._since += seconds


class _Pause:
    """The waits that a limit of our own asks for. A connection is not still because we keep it waiting."""

    def __init__(self, limit: Limit | None, aborted: threading.Event, response: requests.Response) -> None:
        self._limit, self._aborted = limit, aborted
        self._connection = getattr(response.raw, "connection", None)
        self.piece = limit.piece if limit is not None else 0

    def after(self, count: int) -> float:
        """Wait for `count` bytes that have come; returns for how long, in seconds. An abort ends it."""
        assert self._limit is not None
        return self._limit.take(count, self._wait)

    def _wait(self, seconds: float) -> bool:
        over = self._aborted.wait(seconds)
        if isinstance(self._connection, Lined):
            self._connection.kept_waiting()
        return over


def open_download(
    http: Http, url: str, wanted: Wanted, *, headers: Mapping[str, str] | None = None, signed: bool = False
) -> Download:
    """Ask for bytes [start, stop) of a file; `Download.start` is 0 when the server gives the whole file instead.

    `headers` go along, but for those of the message itself, which no server chooses for us; with `signed` the URL is a
    lease's: no token is added, and a 403 means that it has expired.

    Raises RangeUnusable when the server mistook the range, AnswerUnfit when the answer cannot be that file, and the
    errors of `Http.send`.
    """
    theirs = {name: value for name, value in (headers or {}).items() if name.lower() not in _OURS}
    asked = {"Range": range_header(wanted.start, wanted.stop)} if wanted.is_range else {}
    try:
        response = http.send(Call("GET", url, headers={**theirs, **asked}, signed=signed, stream=True))
    except Refused as error:
        if wanted.is_range and error.status == 416:
            raise RangeUnusable(error.finding) from error
        raise
    try:
        start = body_start(response, wanted)
        return Download(response, wanted, start, idle_seconds=http.patience.idle)
    except BaseException:
        response.close()
        raise


def _socket_of(response: requests.Response) -> socket.socket | None:
    stream = getattr(getattr(response.raw, "_fp", None), "fp", None)
    found = getattr(getattr(stream, "raw", None), "_sock", None)
    return found if isinstance(found, socket.socket) else None


def _cut(url: str, due: int, left: int) -> HfpushError:
    message = "The connection was closed before a file had arrived completely."
    return Unavailable(
        Finding("connection-cut", message, (f"GET {place(url)}: {due - left} of {due} bytes came",), _AGAIN)
    )


def _too_slow(url: str, least: LeastRate) -> HfpushError:
    message = "A server sends hardly anything."
    seen = f"GET {place(url)}: fewer than {least.bytes} bytes in {least.seconds:.0f} s"
    return Unavailable(Finding("stalled", message, (seen,), _AGAIN))
