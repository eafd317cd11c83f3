"""How many requests may be under way at a source while files are received. Pure.

It begins with few and reaches out quickly: on a line with a cap per connection, or with latency, each brings
something, and nobody wants to wait half a minute for that to be found out. What an attempt has brought is kept; what
it has not brought is given up. A single stream that is fast enough is left alone: more of them would only be in each
other's way. (The sending side has transfer/pace.py: what it has under way goes twice after a crash.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

TICK_SECONDS = 0.1
FREE_RATE = 400e6
"""Bytes a second at which nothing more is tried."""
_FREE_EACH = 200e6  # of one connection: what is in its way is this machine
_EASY_RATE = 32e6  # of one connection: below it four times as many are hardly felt by a server
_WORTHWHILE = 1.25
_FIRST_TICKS = 2
_PATIENT_TICKS = 15  # a new connection over a long way takes a second to get up to speed
_WORSE, _WORSE_TICKS = 0.9, 8  # they are in each other's way
_CALM_TICKS = 30
_CONTENT_TICKS = 100
_SPENT = 0.7  # what was best came of a start that went ahead of a limit, as it seems
_SPENT_TICKS = 5
_FAR_SECONDS, _FAR_LIMIT = 0.05, 8
_OWN_SECONDS, _FEWEST = 0.0005, 2


@dataclass(frozen=True)
class Reach:
    """The present `limit` and how it came about; `ceiling` is the most it may ever be.

    `proven` is the limit under which `best_rate` was reached; while `trying`, the present one has yet to beat it, and
    `ticks` have passed since it began. Nothing is tried for the next `calm` ticks. That the best rate did not last was
    found out once when `rebased`: a line that goes up and down must not count as ever slower.
    """

    limit: int
    ceiling: int
    proven: int = 1
    best_rate: float = 0.0
    trying: bool = False
    ticks: int = 0
    last_rate: float = 0.0
    calm: int = 0
    rebased: bool = False

    @classmethod
    def start(cls, first: int, ceiling: int) -> Reach:
        """The reach of a fetch that has just begun, with `first` requests."""
        ceiling = max(1, ceiling)
        return cls(max(1, min(first, ceiling)), ceiling)

    def answered(self, seconds: float) -> Reach:
        """The reach after the first answer, which began to come after so long: over a long way one request more is a
        wait more, so several begin at once."""
        if seconds < _FAR_SECONDS or self.best_rate > 0 or self.calm > 0:
            return self
        return replace(self, limit=max(self.limit, min(_FAR_LIMIT, self.ceiling)), ticks=0, last_rate=0.0)

    def after(self, rate: float, *, troubled: bool = False) -> Reach:
        """The reach after one more tick at `rate` (bytes a second, all requests of the source together).

        `troubled`: in this tick the source asked us to slow down, or dropped connections.
        """
        if troubled:
            less = max(1, self.limit // 2)
            return Reach(less, self.ceiling, less, calm=_CALM_TICKS, rebased=True)
        lately, ticks = (self.last_rate + rate) / 2 if self.ticks else rate, self.ticks + 1
        here = replace(self, ticks=ticks, last_rate=lately)
        if self.calm > 0:
            spent = not self.rebased and self.best_rate < FREE_RATE and ticks >= _SPENT_TICKS
            if spent and 0 < lately < self.best_rate * _SPENT:
                return replace(here, rebased=True)._grown(lately)
            return replace(here, calm=self.calm - 1)
        if ticks < _FIRST_TICKS or lately <= 0:
            return here
        if not self.trying:
            return here._grown(lately)
        if lately >= self.best_rate * _WORTHWHILE:
            return here._grown(lately)
        if ticks < (_WORSE_TICKS if lately < self.best_rate * _WORSE else _PATIENT_TICKS):
            return here
        if self.limit > 2 * self.proven:
            return replace(here, limit=2 * self.proven, ticks=0, last_rate=0.0)
        return Reach(self.proven, self.ceiling, self.proven, self.best_rate, calm=_CONTENT_TICKS, rebased=self.rebased)

    def _grown(self, rate: float) -> Reach:
        factor = 4 if rate / self.limit < _EASY_RATE else 2
        more = min(self.ceiling, self.limit * factor)
        if rate >= FREE_RATE or rate / self.limit >= _FREE_EACH or more <= self.limit:
            return Reach(self.limit, self.ceiling, self.limit, rate, calm=_CONTENT_TICKS, rebased=self.rebased)
        return Reach(more, self.ceiling, self.limit, rate, trying=True, rebased=self.rebased)


def useful_for_small(seconds: float) -> int:
    """How many requests for small files are of use at a source that takes so long to answer one: each costs us time of
    our own, in which no other one can be made."""
    return max(_FEWEST, math.ceil(seconds / _OWN_SECONDS))
