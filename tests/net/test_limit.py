"""A rate for all: the waits that it asks for, by a clock that tests turn."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.net.limit import Limit


class Clock:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now, self.naps = 1000.0, list[float]()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


def limit(rate: float) -> tuple[Limit, Clock]:
    clock = Clock()
    return Limit(rate, clock=clock, sleep=clock.sleep), clock


@pytest.mark.parametrize("rate", [1000.0, 100_000.0, 8_000_000.0, 2_000_000_000.0])
def test_pieces_taken_one_after_the_other_come_out_at_the_rate(rate: float) -> None:
    one, clock = limit(rate)
    pieces = round(20 * rate / one.piece)
    for _ in range(pieces):
        one.take(one.piece)
    assert clock.now - 1000 == pytest.approx(pieces * one.piece / rate, rel=0.02)


@pytest.mark.parametrize(
    ("rate", "piece"),
    [(1.0, 512), (100_000.0, 5_000), (1_000_000.0, 50_000), (8_000_000.0, 262_144), (10_000_000_000.0, 262_144)],
)
def test_a_piece_is_a_small_part_of_a_seconds_worth_within_bounds(rate: float, piece: int) -> None:
    assert limit(rate)[0].piece == piece


@pytest.mark.parametrize("users", [1, 4, 64])
def test_what_many_have_received_before_they_pay_is_a_fraction_of_a_second(users: int) -> None:
    rate, owed = 12_000_000, 0
    one, _ = limit(rate)

    def join(left: int) -> bool:
        """One more user receives its first piece; while it waits for that, the next one comes."""
        nonlocal owed
        owed += one.piece
        one.take(one.piece, lambda seconds: left > 1 and join(left - 1))
        return True

    join(users)
    assert owed <= 0.25 * rate


def test_reservations_of_many_add_up() -> None:
    one, _ = limit(1000)
    assert [one.reserve(500) for _ in range(4)] == [0.5, 1.0, 1.5, 2.0]


def test_a_pause_is_followed_by_no_burst() -> None:
    one, clock = limit(1000)
    clock.now += 3600
    assert one.reserve(1000) == pytest.approx(0.9)


def test_a_long_wait_is_waited_in_slices_and_ends_early_when_it_is_cut_short() -> None:
    one, clock = limit(1000)
    assert one.take(5250) == pytest.approx(5.25)
    assert clock.naps == [1.0, 1.0, 1.0, 1.0, 1.0, 0.25]
    asked: list[float] = []

    def cut(seconds: float) -> bool:
        asked.append(seconds)
        return len(asked) == 2

    one.take(60_000, cut)
    assert asked == [1.0, 1.0]


def test_a_stop_cuts_a_wait_short() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=lambda: Limit(1).take(10_000, stop.wait), daemon=True)
    thread.start()
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_nothing_is_no_limit(rate: float) -> None:
    with pytest.raises(ValueError, match="lets something pass"):
        Limit(rate)


@given(st.lists(st.tuples(st.integers(0, 10_000), st.floats(0, 3)), max_size=50))
def test_no_more_than_the_rate_passes_whatever_the_pauses(events: list[tuple[int, float]]) -> None:
    one, clock = limit(1000)
    total = 0
    for count, pause in events:
        clock.now += pause
        one.take(count)
        total += count
    assert total <= 1000 * (clock.now - 1000 + 0.1) + 1


def test_a_turn_takes_longer_the_more_there_are_and_the_lower_the_limit() -> None:
    assert limit(10_000_000)[0].turn_seconds(64) == pytest.approx(3.2)
    assert limit(2_000)[0].turn_seconds(64) > 16
