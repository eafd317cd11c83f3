"""One request over a connection of ours, watched from below: what the other side's TCP has taken, when, and what it
answered. It decides nothing, and does not open or close anything.

Where the system does not tell what was acknowledged (only Linux does), what it took from us is taken for it.
"""

from __future__ import annotations

import selectors
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from hfpush.diagnose.answer import HttpAnswer, NotHttp, parse_answer
from hfpush.net.acked import Handle
from hfpush.net.counts import Counts
from hfpush.net.redact import redact

_BLOCK = 64 * 1024
_LOOK_SECONDS = 0.02
_QUIET_SECONDS = 3.0
"""Without a byte being taken; TCP has sent again three times by then."""
_WANTS = (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError, InterruptedError)


@dataclass(frozen=True)
class Sent:
    """How a request went. `acked` is of its body. `send_seconds` until all of that was taken, or until we gave up;
    `answer_seconds` from then to the answer, or to when we no longer waited."""

    ended: Literal["answered", "cut", "silent", "late", "unfinished"]
    acked: int = 0
    send_seconds: float = 0.0
    answer_seconds: float = 0.0
    retransmitted: int = 0
    segment: int = 0
    rtt: float = 0.0
    said: str = ""
    answer: HttpAnswer | None = field(default=None, repr=False)


def send(
    connection: socket.socket,
    head: bytes,
    body: Sequence[memoryview],
    until: float,
    *,
    late_seconds: float | None = None,
) -> Sent:
    """Send `head` and the pieces of `body`, and wait for the answer until the moment `until` (of time.monotonic), or
    for `late_seconds` after the last byte was taken. Never raises for what the network does."""
    connection.setblocking(False)
    return _Exchange(connection, head, body, until, late_seconds).run()


class _Exchange:
    def __init__(
        self,
        connection: socket.socket,
        head: bytes,
        body: Sequence[memoryview],
        until: float,
        late_seconds: float | None,
    ) -> None:
        self._connection, self._until, self._late = connection, until, late_seconds
        self._head, self._size = len(head), sum(map(len, body))
        self._pieces = [memoryview(head), *body]
        self._handle = Handle.of(connection)
        self._base = self._handle.counts() if self._handle is not None else None
        self._began = self._moved_at = time.monotonic()
        self._handed = self._moved = self._acked = 0
        self._taken_at: float | None = None
        self._read = bytearray()
        self._over = self._broken = False
        self._said = ""
        self._last: Counts | None = None

    def run(self) -> Sent:
        with selectors.DefaultSelector() as selector:
            selector.register(self._connection, selectors.EVENT_READ | selectors.EVENT_WRITE)
            while True:
                self._receive()
                answer = self._answer()
                if isinstance(answer, Sent):
                    return answer
                self._send()
                now = time.monotonic()
                self._look(now)
                ended = self._given_up(now)
                if ended is not None:
                    return self._as(ended)
                wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._pieces and not self._broken else 0)
                selector.modify(self._connection, wanted)
                selector.select(min(_LOOK_SECONDS, max(self._until - now, 0.001)))

    def _receive(self) -> None:
        try:
            while not self._full:
                data = self._connection.recv(_BLOCK)
                if not data:
                    self._over = True
                    return
                self._read += data
        except _WANTS:
            return
        except (OSError, ValueError) as error:
            self._over = True
            self._said = self._said or _words(error)

    def _answer(self) -> Sent | None:
        """The end, where an answer is there or none will come."""
        try:
            answer = parse_answer(bytes(self._read), ended=self._over or self._full)
        except NotHttp as error:
            self._said = str(error)
            return self._as("cut")
        if answer is not None and answer.whole:
            self._look(time.monotonic())
            keeps = answer.keeps and not self._pieces
            return replace(self._as("answered"), answer=replace(answer, keeps=keeps))
        return self._as("cut") if self._over or self._full else None

    @property
    def _full(self) -> bool:
        """Whether so much came that no more is read: an answer that has not ended by then is none."""
        return len(self._read) >= 4 * _BLOCK

    def _send(self) -> None:
        while self._pieces and not self._broken:
            piece = self._pieces[0]
            try:
                count = self._connection.send(piece[:_BLOCK])
            except _WANTS:
                return
            except OSError as error:
                self._broken, self._said = True, _words(error)  # an answer may have come before
                return
            self._handed += count
            if count < len(piece):
                self._pieces[0] = piece[count:]
            else:
                self._pieces.pop(0)

    def _look(self, now: float) -> None:
        counts = self._handle.counts() if self._handle is not None else None
        if counts is None or self._base is None:
            moved, acked, queued = self._handed, self._handed - self._head, 0
        else:
            self._last, queued = counts, counts.queued
            moved = counts.acked - self._base.acked
            whole = moved + queued
            acked = self._handed * moved // whole - self._head if whole > 0 else 0
        if moved != self._moved:
            self._moved, self._moved_at = moved, now
        self._acked = max(self._acked, min(acked, self._size))
        if self._taken_at is None and not self._pieces and queued == 0:
            self._taken_at, self._acked = now, self._size

    def _given_up(self, now: float) -> Literal["silent", "late", "unfinished"] | None:
        if self._taken_at is not None:
            over = self._late is not None and now - self._taken_at >= self._late
            return "late" if over or now >= self._until else None
        quiet = now - self._moved_at
        if quiet >= _QUIET_SECONDS or (now >= self._until and quiet >= _QUIET_SECONDS / 2):
            return "silent"
        return "unfinished" if now >= self._until else None

    def _as(self, ended: Literal["answered", "cut", "silent", "late", "unfinished"]) -> Sent:
        now = time.monotonic()
        sent_at = now if self._taken_at is None else self._taken_at
        last, base = self._last, self._base
        return Sent(
            ended,
            self._acked,
            round(sent_at - self._began, 3),
            round(now - sent_at, 3),
            last.all_retransmits - base.all_retransmits if last is not None and base is not None else 0,
            last.segment if last is not None else 0,
            last.rtt / 1e6 if last is not None else 0.0,
            self._said,
        )


def _words(error: Exception) -> str:
    return redact(getattr(error, "strerror", None) or str(error))[:200]
