"""What receiving needs from outside, and what it has to say of each step in the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from hfpush.net.download import LeastRate
from hfpush.net.limit import Limit
from hfpush.net.retry import RetryPolicy, Sleep
from hfpush.receive.events import How, Observer, silent
from hfpush.receive.place import Place
from hfpush.receive.plan import Step
from hfpush.receive.source import Source


class Stopped(Exception):
    """Work ended early because it was asked to; drafts keep what has come."""


@dataclass(frozen=True)
class Means:
    """What receiving needs from outside. `sources` have the same files; the first is the one to believe.

    `reserves` have them, too, and are asked nothing as long as no source was dropped: for each one that was, one of
    them steps in, in their order.

    `limit` is how fast all of them together may be, or None. `sleep` (None: a wait that a stop cuts short) and `clock`
    are for waits.
    """

    place: Place
    sources: tuple[Source, ...]
    observer: Observer = silent
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    least: LeastRate = field(default_factory=LeastRate)
    sleep: Sleep | None = None
    clock: Callable[[], float] = time.monotonic
    limit: Limit | None = None
    reserves: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of a step: how its content got here, how many bytes came over the wire for it, and how many of them
    from which source, by its name. `shares` has those who brought something, in the order of the sources."""

    step: Step
    how: How
    wire: int = 0
    shares: tuple[tuple[str, int], ...] = ()
