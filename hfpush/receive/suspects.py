"""Whose bytes are wrong, when the digest of a file does not hold. Pure.

Digests are of whole files. So what the least believed giver brought is fetched again from somebody else and compared,
then what the next one brought, until the digest holds. Only then is it known which of two that differed was right.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from hfpush.disk.extents import Extents

EARLIER = -1
"""The giver of what a draft held before: nobody knows who it was. The others are numbers of sources."""


@dataclass(frozen=True)
class Difference:
    """Of [start, stop) `old` gave other bytes than `new` did later."""

    old: int
    new: int
    start: int
    stop: int


@dataclass(frozen=True)
class Doubt:
    """Fetch what `giver` gave again, from one of `ask`."""

    giver: int
    ask: frozenset[int]


def next_doubt(given: Mapping[int, Extents], doubted: Collection[int], usable: Iterable[int]) -> Doubt | None:
    """Whom to doubt next: the earlier run, then the last source first. None when nobody is left who could be compared.

    Those believed more are asked, if there are any, or else anybody.
    """
    can = frozenset(usable)
    order = [EARLIER, *sorted((giver for giver in given if giver != EARLIER), reverse=True)]
    for giver in order:
        if giver in doubted or not given.get(giver, Extents()).parts:
            continue
        others = can - {giver}
        better = others if giver == EARLIER else frozenset(one for one in others if one < giver)
        if others:
            return Doubt(giver, better or others)
    return None


def guilty(differences: Sequence[Difference]) -> frozenset[int]:
    """Who gave wrong bytes, once the last ones of every stretch are known to be right; in the order they were noted.

    Who differed from bytes that turned out to be wrong themselves is not blamed for that.
    """
    found: set[int] = set()
    overturned = Extents()
    for one in reversed(differences):
        if next(overturned.gaps(one.stop, one.start), None) is not None:
            found.add(one.old)
        overturned = overturned.with_(one.start, one.stop)
    return frozenset(found)


def meet(one: Extents, other: Extents) -> Extents:
    """What both have."""
    both = one
    if one.parts:
        for start, stop in other.gaps(one.end):
            both = both.without(start, stop)
    return both
