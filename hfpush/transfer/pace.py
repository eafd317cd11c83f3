"""How many requests may be under way at once. Pure.

It grows while growing brings something, and shrinks when the other side objects; after a calm while it tries again
what it had before, since one bad moment of a network is no reason to stay slow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

FIRST_LIMIT = 8
LOOSE_BYTES = 512_000_000
_WORTHWHILE = 1.1
_CALM_TICKS = 6


@dataclass(frozen=True)
class Pace:
    """The present limit and how it came about; `ceiling` is the most it may ever be (`--jobs`)."""

    limit: int
    ceiling: int
    best_rate: float = 0.0
    calm: int = 0

    @classmethod
    def start(cls, ceiling: int) -> Pace:
        """The pace of a transfer that has just begun."""
        return cls(min(FIRST_LIMIT, ceiling), ceiling)

    def after(self, rate: float, *, troubled: bool, part_bytes: int = 1) -> Pace:
        """The pace after one more tick at `rate` (bytes a second, all requests together).

        `troubled`: in this tick a server asked us to slow down or dropped connections. `part_bytes`: how much one
        request carries at most; what is under way at a time, and would go twice after a crash, is kept bounded.
        """
        ceiling = min(self.ceiling, max(FIRST_LIMIT, LOOSE_BYTES // part_bytes))
        if troubled:
            return replace(self, limit=max(1, self.limit // 2), best_rate=0.0, calm=_CALM_TICKS)
        if self.calm > 1:
            return replace(self, calm=self.calm - 1)
        if self.calm == 1:
            return replace(self, limit=max(self.limit, min(ceiling, self.limit * 2)), best_rate=rate, calm=0)
        if rate > self.best_rate * _WORTHWHILE:
            return replace(self, limit=max(self.limit, min(ceiling, self.limit * 2)), best_rate=rate)
        return self
