"""What a Hub saw: one row per request, and sums over them."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Sums = dict[str, float]


@dataclass
class Row:
    """One request. Filled in while it is handled; `path` is without its query, so it holds no signature.

    `bytes_in` is body bytes that the Hub took in, also of a request that was cut; `bytes_out` body bytes handed to
    the connection; `started` seconds since the epoch; `status` 0 when no answer was given.
    """

    op: str
    method: str
    path: str
    started: float = 0.0
    status: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    oid: str | None = None
    part: int | None = None
    upload_id: str | None = None
    client: str = ""
    user: str | None = None
    fault: str | None = None
    seconds: float = 0.0
    kept: bool = field(default=False, repr=False, compare=False)


# aiohttp before 3.14 knows no keys but strings here, and later ones warn of strings.
_KEY: Any = web.RequestKey("seen", Row) if hasattr(web, "RequestKey") else "seen"


def row_of(request: web.Request) -> Row:
    """The row of this request, for handlers that know more about it than its path (op, oid, part, user)."""
    row: Row = request[_KEY]
    return row


def set_row(request: web.Request, row: Row) -> None:
    """Give a request its row: the first thing that happens to it."""
    request[_KEY] = row


class SeenLog:
    """All requests since the start or the last clear; may be read from any thread.

    The newest `keep` rows are kept one by one, older ones only as sums, so that a Hub may run for months.
    """

    def __init__(self, keep: int = 100_000) -> None:
        self._lock = threading.Lock()
        self._rows: deque[Row] = deque()
        self._keep = keep
        self._past: dict[str, Sums] = {}
        self._under_way: dict[int, Row] = {}

    def begin(self, row: Row) -> None:
        """A request begins; until its row is kept it counts as under way."""
        with self._lock:
            self._under_way[id(row)] = row

    def add(self, row: Row) -> None:
        """Keep the row of a request; once, though asked twice.

        It is kept when the answer begins at the latest, and goes on being filled in: whoever has the whole answer finds
        the row with all its bytes.
        """
        with self._lock:
            self._under_way.pop(id(row), None)
            if row.kept:
                return
            row.kept = True
            self._rows.append(row)
            if len(self._rows) > self._keep:
                _count(self._past, self._rows.popleft())

    def rows(self, op: str | None = None) -> list[Row]:
        """Rows of one operation (None: all), in the order in which they were answered."""
        with self._lock:
            return [row for row in self._rows if op is None or row.op == op]

    def count(self, op: str | None = None) -> int:
        """Number of requests."""
        return round(self._sum(op, "count"))

    def bytes_in(self, op: str | None = None) -> int:
        """Sum of request body bytes."""
        return round(self._sum(op, "bytes_in"))

    def bytes_out(self, op: str | None = None) -> int:
        """Sum of answer body bytes."""
        return round(self._sum(op, "bytes_out"))

    def totals(self) -> dict[str, Sums]:
        """Per operation: count, bytes_in, bytes_out, seconds."""
        with self._lock:
            sums = {op: dict(past) for op, past in self._past.items()}
            for row in self._rows:
                _count(sums, row)
        return sums

    def under_way(self) -> dict[str, Sums]:
        """The same sums of the requests that are not answered yet, as far as they are."""
        sums: dict[str, Sums] = {}
        with self._lock:
            for row in self._under_way.values():
                _count(sums, row)
        return sums

    def clear(self) -> None:
        """Forget everything seen so far."""
        with self._lock:
            self._rows.clear()
            self._past.clear()

    def _sum(self, op: str | None, what: str) -> float:
        return sum(sums[what] for name, sums in self.totals().items() if op in (None, name))


def _count(totals: dict[str, Sums], row: Row) -> None:
    sums = totals.setdefault(row.op, {"count": 0, "bytes_in": 0, "bytes_out": 0, "seconds": 0.0})
    sums["count"] += 1
    sums["bytes_in"] += row.bytes_in
    sums["bytes_out"] += row.bytes_out
    sums["seconds"] += row.seconds
