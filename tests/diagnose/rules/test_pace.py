"""Bytes that are held back, and bytes that crawl."""

from __future__ import annotations

import pytest

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.lfs import Batch, Flow, Lfs, Put
from hfpush.diagnose.facts.repository import Repository
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.rules.pace import causes, is_slow_rather

LINE = "s3.test:443 straight"
WAYS = (Way("git-lfs", "storage", "s3.test", 443),)
LATE = Put(LINE, 4_194_304, "late", acked=4_194_304, send_seconds=0.1, answer_seconds=2.0, seconds=2.1)
SWALLOWED = Put(LINE, 25_165_824, "late", acked=25_165_823, send_seconds=0.3, abandoned=True)


def of(*puts: Put, flow: Flow | None = None, large: int = 0) -> list[Cause]:
    lfs = Lfs(batch=Batch(200, lives=900.0), puts=puts, flows=() if flow is None else (flow,))
    return list(causes(Facts(ways=WAYS, lfs=lfs, repository=Repository(largest_lfs=large))))


def test_who_swallows_more_than_buffers_hold_takes_bodies_whole() -> None:
    (cause,) = of(LATE, SWALLOWED)
    assert (cause.finding.reference, cause.finding.severity) == ("proxy-buffers", "warning")
    assert "62.9 MB" in cause.finding.message
    assert cause.finding.remedy[0] == "git config lfs.activitytimeout 600"


def test_it_is_an_error_where_a_file_is_too_large_for_git_lfs_s_patience() -> None:
    (cause,) = of(LATE, SWALLOWED, large=10**10)
    assert cause.finding.severity == "error"
    seconds = int(cause.finding.remedy[0].rpartition(" ")[2])
    assert seconds >= 2 * 10**10 / (4_194_304 / 2)


@pytest.mark.parametrize(
    "puts",
    [
        (LATE,),
        (LATE, Put(LINE, 25_165_824, "unfinished", acked=9_000_000, send_seconds=2.0, abandoned=True)),
        (Put(LINE, 4_194_304, acked=4_194_304, send_seconds=0.1, answer_seconds=0.2), SWALLOWED),
    ],
)
def test_what_buffers_of_connections_can_hold_proves_nothing(puts: tuple[Put, ...]) -> None:
    assert of(*puts) == []


@pytest.mark.parametrize(("rate", "told"), [(20_000, ["line-slow"]), (500_000, [])])
def test_a_line_is_slow_below_a_pace(rate: int, told: list[str]) -> None:
    put = Put(LINE, 262_144, acked=262_144, send_seconds=262_144 / rate)
    found = of(put, flow=Flow(LINE, "up", 262_144, 262_144 / rate), large=10**9)
    assert [one.finding.reference for one in found] == told
    if told:
        assert found[0].finding.severity == "warning"
        assert any("upload address lives" in line for line in found[0].finding.evidence)


def test_smaller_uploads_say_whether_a_late_one_is_slow() -> None:
    late = Put(LINE, 262_144, "late", acked=262_144, seconds=4.5)
    slow = (Put(LINE, 500, answer_seconds=0.03), Put(LINE, 8192, answer_seconds=0.42))
    quick = (Put(LINE, 500, answer_seconds=0.2), Put(LINE, 8192, answer_seconds=0.21))
    assert is_slow_rather(slow, late)
    assert not is_slow_rather(quick, late)
    assert not is_slow_rather((), late)
    assert [one.finding.reference for one in of(*slow, late)] == ["line-slow"]
