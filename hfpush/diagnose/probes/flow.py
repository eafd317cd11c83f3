"""How fast do bytes move? The largest upload of each line says it, where it was large enough."""

from __future__ import annotations

from collections.abc import Iterable

from hfpush.diagnose.facts.lfs import Flow, Put

LEAST_BYTES = 131_072
"""Less than that says something about one or two round trips, and nothing about a rate."""


def flows(puts: Iterable[Put]) -> tuple[Flow, ...]:
    """The rate of each line on which enough bytes were taken, in the order of the lines. What was taken only to be held
    back somewhere (an answer that was late) counts until it was answered: that is the pace of the way as a whole."""
    largest: dict[str, Put] = {}
    for put in puts:
        if put.abandoned or put.acked < LEAST_BYTES or put.outcome not in ("ok", "late", "unfinished"):
            continue
        if put.line not in largest or put.acked > largest[put.line].acked:
            largest[put.line] = put
    return tuple(
        Flow(line, "up", put.acked, max(put.send_seconds + put.answer_seconds, 0.001), put.rtt, put.retransmitted)
        for line, put in largest.items()
    )
