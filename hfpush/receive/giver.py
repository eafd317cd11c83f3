"""One source at work: what is under way from it, how fast it is, and what is thought of it.

The board's lock guards it.
"""

from __future__ import annotations

import math
from typing import Protocol

from hfpush.receive.reach import Reach, useful_for_small
from hfpush.receive.source import Source
from hfpush.receive.standing import Standing


class Bringing(Protocol):
    """A request of it: when it began, when something came last, how many bytes came, and whether it is for a small
    file."""

    began: float
    moved_at: float
    wire: int
    small: bool


class Giver:
    """`number` is its place among the sources; the lower, the more it is believed. One that is `standing_by` is asked
    for nothing yet."""

    def __init__(self, number: int, source: Source, reach: Reach, *, standing_by: bool = False) -> None:
        self.number = number
        self.standing_by = standing_by
        self.source = source
        self.name = source.name
        self.reach = reach
        self.standing = Standing()
        self.streams: set[Bringing] = set()
        self._most = 0
        self.rate = 0.0
        """Bytes a second of one connection, lately; 0 when nothing is known."""
        self.latency = math.inf
        """Seconds from asking to the first byte of an answer, at best."""
        self._far_known = False
        self._large = 0
        self.whole_only = False
        """It gives whole files for ranges."""
        self.troubled = False
        """It objected since the last look."""
        self._ended = 0
        self._seen = 0

    @property
    def limit(self) -> int:
        """How many requests of it may be under way."""
        if self.streams and not self._large and self.latency < math.inf:
            return min(self.reach.limit, useful_for_small(self.latency))
        return self.reach.limit

    def answered(self, seconds: float) -> None:
        """An answer began so long after it was asked for. May be called without the lock."""
        self.latency = min(self.latency, seconds)

    def has_room(self, now: float) -> bool:
        """Whether one more request may be made of it now."""
        return not self.standing_by and self.standing.usable(now) and len(self.streams) < self.limit

    def enter(self, stream: Bringing) -> None:
        """A request of it begins."""
        self.streams.add(stream)
        self._large += not stream.small
        self._most = max(self._most, len(self.streams))

    def leave(self, stream: Bringing, now: float) -> None:
        """A request of it has ended."""
        if stream in self.streams:
            self.streams.remove(stream)
            self._large -= not stream.small
        self._ended += stream.wire
        if self.rate == 0 and stream.wire and now > stream.began:
            self.rate = stream.wire / (now - stream.began)

    def look(self, seconds: float) -> None:
        """What the last `seconds` brought. The reach is judged when as much was under way as it allows."""
        moved = self._ended + sum(stream.wire for stream in self.streams)
        rate, self._seen = (moved - self._seen) / seconds, moved
        if self.streams and rate > 0:
            each = rate / len(self.streams)
            self.rate = each if self.rate == 0 else (self.rate + each) / 2
        busy, self._most = self._most >= self.reach.limit, len(self.streams)
        if not self._far_known and self.latency < math.inf:
            self._far_known, busy = True, False
            self.reach = self.reach.answered(self.latency)
        if busy or self.troubled:
            self.reach = self.reach.after(rate, troubled=self.troubled)
        self.troubled = False
