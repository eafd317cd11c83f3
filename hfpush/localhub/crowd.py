"""How many requests are under way, and came in the last second: what the fault `throttle` goes by."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from hfpush.localhub.faults import Fault
from hfpush.localhub.seen import Row

_SECOND = 1.0


class Crowd:
    """The requests that were let in, by operation. For one event loop; `clock` is seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._inside: dict[int, str] = {}
        self._came: dict[str, deque[float]] = {}

    def admit(self, row: Row, fault: Fault) -> bool:
        """Let a request in, unless it is one more than the fault allows."""
        now, came = self._clock(), self._came.setdefault(row.op, deque())
        while came and came[0] <= now - _SECOND:
            came.popleft()
        inside = sum(op == row.op for op in self._inside.values())
        if fault.at_once is not None and inside >= fault.at_once:
            return False
        if fault.per_second is not None and len(came) >= fault.per_second:
            return False
        came.append(now)
        self._inside[id(row)] = row.op
        return True

    def leave(self, row: Row) -> None:
        """A request has ended, let in or not."""
        self._inside.pop(id(row), None)
