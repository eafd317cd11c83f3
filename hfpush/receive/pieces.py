"""Which bytes of a file are asked for next, given what is there and what is on its way. Pure.

Stretches are handed out in order, near the frontier, so that hashing follows. A piece is what a connection brings in
one to two seconds, and many times what the wait for its first byte takes: a shorter one wastes round trips, a longer
one keeps the end waiting. Who is alone asks for all that is missing at once. When nothing is left to hand out, a
stretch that will take long is cut in two; and when that is not worth a request any more, whoever is idle fetches the
one that will be last a second time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hfpush.disk.extents import Extents

_SECONDS = 1.5
_MIB = 1 << 20
SMALL_BYTES = _MIB
"""A file of more bytes is worth more than one request."""
_UNMEASURED = 4 * _MIB
_LEAST, _MOST = 4 * _MIB, 16 * _MIB
_MOST_FAR = 32 * _MIB
_LEAST_FAIR, _MOST_FAIR = 2 * _MIB, 8 * _MIB  # near the end of a file, or in a small one
_WAITS, _WAITS_FAIR = 10, 2  # how many times as long as the wait for its first byte a piece should take
_LEAST_HALF = _MIB // 2
_LONG_SECONDS = 2.0
_MUCH_FASTER = 4.0
_REQUEST_SECONDS = 0.3
_LATE_SECONDS = 0.4


@dataclass(frozen=True)
class Running:
    """A request that is under way: it will bring [at, stop), at so many bytes a second (0 when `known` is false).

    `doubled`: another one brings the same.
    """

    at: int
    stop: int
    rate: float = 0.0
    known: bool = True
    doubled: bool = False

    @property
    def seconds(self) -> float:
        """How long it will take, as it seems."""
        return (self.stop - self.at) / self.rate if self.rate > 0 else math.inf


def covered(there: Extents, running: Sequence[Running]) -> Extents:
    """What is there or on its way."""
    for one in running:
        there = there.with_(one.at, one.stop)
    return there


def fresh(taken: Extents, size: int, *, rate: float, share: int, latency: float = 0.0) -> tuple[int, int] | None:
    """The next stretch that nobody has or brings, for a connection of that rate on which a first byte takes `latency`
    seconds; None when there is none.

    `share` is among how many requests the file is divided, this one included.
    """
    first = next(taken.gaps(size), None)
    if first is None or share <= 1:
        return first
    start, stop = first
    length = piece_bytes(rate, (size - taken.total) // share, latency)
    return start, stop if stop - start < length * 3 // 2 else start + length


def too_slow(missing: int, *, rate: float, others: float) -> bool:
    """Whether a connection of that rate would keep the end waiting with the smallest piece of what is missing, while
    `others` bring so many bytes a second together."""
    if rate <= 0 or others < _MUCH_FASTER * rate:
        return False
    return min(_LEAST_FAIR, missing) / rate > missing / others + _LATE_SECONDS


def piece_bytes(rate: float, fair: int, latency: float = 0.0) -> int:
    """How much to ask for at once; `fair` is what is left for each of those who ask."""
    if rate <= 0:
        return min(_UNMEASURED, max(fair, _LEAST_FAIR))
    wait = int(rate * latency) if latency < math.inf else 0
    wanted = max(_LEAST, min(int(rate * _SECONDS), _MOST), min(wait * _WAITS, _MOST_FAR))
    return min(wanted, max(fair, _LEAST_FAIR, min(wait * _WAITS_FAIR, _MOST_FAIR)))


def split(running: Sequence[Running]) -> tuple[int, int] | None:
    """Which of them is to end earlier, and where, so that its rest can be handed out; None when none is worth it."""
    best: tuple[float, int, int] | None = None
    for number, one in enumerate(running):
        left = one.stop - one.at
        long = one.seconds > _LONG_SECONDS if one.known else left > 2 * _UNMEASURED
        if one.doubled or not long or left < 2 * _LEAST_HALF:
            continue
        kept = min(piece_bytes(one.rate, left), left // 2)
        if best is None or (one.seconds, left) > (best[0], running[best[1]].stop - running[best[1]].at):
            best = (one.seconds, number, one.at + kept)
    return None if best is None else best[1:]


def double(running: Sequence[Running], *, rate: float, faster: float) -> int | None:
    """Which of them to bring a second time on a connection of that rate, since that is so many times as fast; None for
    none."""
    if rate <= 0:
        return None
    late = [
        (one.seconds, number)
        for number, one in enumerate(running)
        if one.known
        and not one.doubled
        and one.seconds > _LATE_SECONDS
        and faster * (_REQUEST_SECONDS + (one.stop - one.at) / rate) < one.seconds
    ]
    return max(late)[1] if late else None
