"""What a Hub saw: one row per request, and sums over them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


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
    """All rows since the start or the last clear; may be read from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: list[Row] = []

    def add(self, row: Row) -> None:
        """Keep the row of a request; once, though asked twice.

        It is kept when the answer begins at the latest, and goes on being filled in: whoever has the whole answer finds
        the row with all its bytes.
        """
        with self._lock:
            if not row.kept:
                row.kept = True
                self._rows.append(row)

    def rows(self, op: str | None = None) -> list[Row]:
        """Rows of one operation (None: all), in the order in which they were answered."""
        with self._lock:
            return [row for row in self._rows if op is None or row.op == op]

    def count(self, op: str | None = None) -> int:
        """Number of requests."""
        return len(self.rows(op))

    def bytes_in(self, op: str | None = None) -> int:
        """Sum of request body bytes."""
        return sum(row.bytes_in for row in self.rows(op))

    def bytes_out(self, op: str | None = None) -> int:
        """Sum of answer body bytes."""
        return sum(row.bytes_out for row in self.rows(op))

    def totals(self) -> dict[str, dict[str, float]]:
        """Per operation: count, bytes_in, bytes_out, seconds."""
        sums: dict[str, dict[str, float]] = {}
        for row in self.rows():
            one = sums.setdefault(row.op, {"count": 0, "bytes_in": 0, "bytes_out": 0, "seconds": 0.0})
            one["count"] += 1
            one["bytes_in"] += row.bytes_in
            one["bytes_out"] += row.bytes_out
            one["seconds"] += row.seconds
        return sums

    def clear(self) -> None:
        """Forget everything seen so far."""
        with self._lock:
            self._rows.clear()
