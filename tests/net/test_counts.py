"""A connection's counters are a plain value."""

from __future__ import annotations

from hfpush.net.counts import Counts


def test_what_is_not_known_counts_as_nothing() -> None:
    assert Counts(5, 6) == Counts(acked=5, received=6, queued=0, unread=0, retransmits=0, open=True)
