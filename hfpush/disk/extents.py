"""Which bytes of a file are there: half-open stretches [start, stop), sorted, never touching each other. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Extents:
    """A set of byte positions. Every operation gives a new value."""

    parts: tuple[tuple[int, int], ...] = ()

    @classmethod
    def prefix(cls, length: int) -> Extents:
        """The first `length` bytes."""
        return cls(((0, length),)) if length > 0 else cls()

    @property
    def total(self) -> int:
        """How many bytes."""
        return sum(stop - start for start, stop in self.parts)

    @property
    def frontier(self) -> int:
        """Up to where everything is there, from the first byte."""
        return self.parts[0][1] if self.parts and self.parts[0][0] == 0 else 0

    @property
    def end(self) -> int:
        """One beyond the last byte; 0 where there is none."""
        return self.parts[-1][1] if self.parts else 0

    def with_(self, start: int, stop: int) -> Extents:
        """These and [start, stop)."""
        if stop <= start:
            return self
        first = bisect_left(self.parts, start, key=lambda part: part[1])  # the first that touches or lies behind
        last = bisect_right(self.parts, stop, key=lambda part: part[0])
        if first < last:
            start, stop = min(start, self.parts[first][0]), max(stop, self.parts[last - 1][1])
        return Extents((*self.parts[:first], (start, stop), *self.parts[last:]))

    def without(self, start: int, stop: int) -> Extents:
        """These but for [start, stop)."""
        kept: list[tuple[int, int]] = []
        for begin, end in self.parts:
            if begin < min(end, start):
                kept.append((begin, min(end, start)))
            if max(begin, stop) < end:
                kept.append((max(begin, stop), end))
        return Extents(tuple(kept)) if start < stop else self

    def gaps(self, size: int, start: int = 0) -> Iterator[tuple[int, int]]:
        """What is missing of [start, size), in order."""
        at = start
        for begin, end in self.parts:
            if begin >= size:
                break
            if at < begin:
                yield at, begin
            at = max(at, end)
        if at < size:
            yield at, size
