"""Rates out of uploads."""

from __future__ import annotations

import pytest

from hfpush.diagnose.facts.lfs import Put
from hfpush.diagnose.probes.flow import flows

LINE = "s3.test:443 straight"


def test_the_largest_upload_of_each_line_counts() -> None:
    puts = [
        Put(LINE, 262_144, acked=262_144, send_seconds=1.0, answer_seconds=1.0),
        Put(LINE, 4_194_304, acked=4_194_304, send_seconds=2.0, answer_seconds=2.0, rtt=0.1, retransmitted=3),
        Put("other", 262_144, acked=262_144, send_seconds=1.0),
    ]
    large, other = flows(puts)
    assert (large.line, large.bytes, large.seconds, large.rtt, large.retransmitted) == (LINE, 4_194_304, 4.0, 0.1, 3)
    assert (other.line, other.bytes) == ("other", 262_144)


@pytest.mark.parametrize(
    "put",
    [
        Put(LINE, 8192, acked=8192, send_seconds=1.0),
        Put(LINE, 25_000_000, "unfinished", acked=20_000_000, send_seconds=1.0, abandoned=True),
        Put(LINE, 262_144, "cut", acked=200_000, send_seconds=1.0),
        Put(LINE, 262_144, "status", 403, acked=262_144, send_seconds=1.0),
    ],
)
def test_what_says_nothing_of_a_rate_is_left_out(put: Put) -> None:
    assert flows([put]) == ()
