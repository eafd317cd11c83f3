"""A connection's counters, as a value. How they are read is net/acked.py's business. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Counts:
    """A connection's counters at a moment, since it began; in bytes where nothing else is said.

    `queued` were given to the kernel and are not acknowledged, `unread` have come and were not taken from it.
    `retransmits` says how often the oldest unacknowledged segment has been sent again in vain just now, `probes` the
    same of a receiver that takes nothing; `all_retransmits` and `unacked` count segments of `segment` bytes at most.
    `rtt` is the smoothed time to the other side and back, in microseconds.
    """

    acked: int
    received: int
    queued: int = 0
    unread: int = 0
    retransmits: int = 0
    probes: int = 0
    unacked: int = 0
    all_retransmits: int = 0
    segment: int = 0
    rtt: int = 0
    open: bool = True
