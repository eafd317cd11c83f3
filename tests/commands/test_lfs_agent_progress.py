"""Progress: never backwards, never more than there is, not too often."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.commands.lfs_agent_progress import AgentProgress, UploadProgress
from hfpush.errors import Unavailable
from hfpush.findings import Finding
from hfpush.net.news import Stalled


class Bar:
    """Keeps what it is told; `now` is its clock."""

    def __init__(self, size: int) -> None:
        self.told: list[tuple[int, int]] = []
        self.notes: list[str] = []
        self.now = 0.0
        self.progress = AgentProgress(size, lambda so_far, since: self.told.append((so_far, since)), clock=self.clock)

    def clock(self) -> float:
        return self.now

    def waits(self, seconds: float, why: Finding) -> None:
        self.notes.append(f"{seconds} {why.reference}")

    def news(self, text: str) -> None:
        self.notes.append(text)


def test_a_first_byte_is_told_before_anything_was_sent_and_counts_only_once() -> None:
    bar = Bar(10)
    bar.progress.begin()
    bar.progress.finish()
    assert bar.told == [(1, 1), (10, 9)]


def test_an_empty_object_has_no_progress() -> None:
    bar = Bar(0)
    bar.progress.begin()
    bar.progress.finish()
    assert bar.told == []


def test_it_tells_ten_times_a_second_at_most() -> None:
    bar = Bar(10_000)
    for _ in range(1000):
        bar.now += 0.001
        bar.progress.add(10)
    assert 9 <= len(bar.told) <= 11


def test_what_has_to_go_again_waits_until_it_is_made_up_for() -> None:
    bar = Bar(100)
    for count in (60, -60, 30, 40, 30):
        bar.now += 1
        bar.progress.add(count)
    assert bar.told == [(60, 60), (70, 10), (100, 30)]


@given(st.integers(0, 500), st.lists(st.integers(-300, 300)))
def test_whatever_happens_it_never_goes_back_nor_beyond_the_size(size: int, counts: list[int]) -> None:
    bar = Bar(size)
    bar.progress.begin()
    for count in counts:
        bar.now += 1
        bar.progress.add(count)
    bar.progress.finish()
    at = 0
    for so_far, since in bar.told:
        assert since > 0
        at += since
        assert so_far == at <= size
    assert at == size


def test_an_observer_counts_what_is_resumed_at_once_and_passes_the_rest_on() -> None:
    bar = Bar(100)
    observer = UploadProgress(bar.progress, bar)
    observer.started("oid", "name", 100, 40)
    bar.now = 1
    observer.moved("oid", 10)
    observer.waiting(2.0, Unavailable(Finding("rate-limited", "x")))
    observer.news(Stalled("host", "sending", 12.0))
    observer.finished("oid", "resumed")
    assert bar.told == [(40, 40), (50, 10), (100, 50)]
    assert bar.notes[0] == "2.0 rate-limited"
    assert "host" in bar.notes[1]


@pytest.mark.parametrize("position", [5, 10, 99])
def test_a_position_is_told_as_it_is(position: int) -> None:
    bar = Bar(10)
    bar.progress.at(position)
    assert bar.told == [(min(position, 10), min(position, 10))]
