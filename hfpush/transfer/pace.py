"""How many requests may be under way at once. Pure.

It doubles as an attempt, and keeps what the attempt has brought: on a free line a few requests are the fastest, on a
line with a cap per connection or with latency many are. It shrinks when the other side objects, and tries again
after a calm while, since one bad moment of a network is no reason to stay slow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

FIRST_LIMIT = 8
LOOSE_BYTES = 512_000_000
TICK_SECONDS = 0.25
_WORTHWHILE = 1.25
_SETTLE_TICKS = 1
_JUDGED_TICKS = 4  # a second: sockets swallow megabytes at once, so that a shorter time says little
_CALM_TICKS = 12
_CONTENT_TICKS = 40


@dataclass(frozen=True)
class Pace:
    """The present limit and how it came about; `ceiling` is the most it may ever be (`--jobs`).

    `proven` is the limit under which `best_rate` was reached; while `trying`, the present one has yet to beat it.
    Nothing is judged for the next `wait` ticks; `ticks` of a judgement are over, with rates that sum up to `rates`.
    """

    limit: int
    ceiling: int
    proven: int = 1
    best_rate: float = 0.0
    trying: bool = False
    wait: int = _SETTLE_TICKS
    ticks: int = 0
    rates: float = 0.0

    @classmethod
    def start(cls, ceiling: int) -> Pace:
        """The pace of a transfer that has just begun."""
        return cls(min(FIRST_LIMIT, ceiling), ceiling)

    def under(self, ceiling: int) -> Pace:
        """The pace once `ceiling` is the most it may ever be, because others share the line.

        A lower one holds at once. Under a higher one whoever was held down by the old one begins as at a start; what
        trouble or a judgement had made of the limit stays.
        """
        if ceiling == self.ceiling:
            return self
        proven = min(self.proven, ceiling)
        if ceiling < self.ceiling or self.limit < self.ceiling:
            return replace(self, limit=min(self.limit, ceiling), ceiling=ceiling, proven=proven)
        limit = max(self.limit, min(FIRST_LIMIT, ceiling))
        return Pace(limit, ceiling, proven=proven)

    def after(self, rate: float, *, troubled: bool, part_bytes: int = 1) -> Pace:
        """The pace after one more tick at `rate` (bytes a second, all requests together).

        `troubled`: in this tick a server asked us to slow down or dropped connections. `part_bytes`: how much one
        request carries at most; what is under way at a time, and would go twice after a crash, is kept bounded.
        """
        if troubled:
            less = max(1, self.limit // 2)
            return replace(self, limit=less, trying=False, wait=_CALM_TICKS, ticks=0, rates=0.0)
        if self.wait > 0:
            return replace(self, wait=self.wait - 1)
        if self.ticks + 1 < _JUDGED_TICKS:
            return replace(self, ticks=self.ticks + 1, rates=self.rates + rate)
        rate = (self.rates + rate) / _JUDGED_TICKS
        if rate <= 0:
            return replace(self, ticks=0, rates=0.0)
        if self.trying and rate < self.best_rate * _WORTHWHILE:
            return replace(self, limit=self.proven, trying=False, wait=_CONTENT_TICKS, ticks=0, rates=0.0)
        ceiling = min(self.ceiling, max(FIRST_LIMIT, LOOSE_BYTES // part_bytes))
        more = max(self.limit, min(ceiling, self.limit * 2))
        trying = more > self.limit
        wait = _SETTLE_TICKS if trying else _CONTENT_TICKS
        return Pace(more, self.ceiling, self.limit, rate, trying, wait)
