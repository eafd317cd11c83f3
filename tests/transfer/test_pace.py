from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from hfpush.transfer.pace import FIRST_LIMIT, TICK_SECONDS, Pace


def run(pace: Pace, seconds: int, rate: Callable[[int], float]) -> Pace:
    """The pace after a calm time on a line that gives `rate(limit)` bytes a second."""
    for _ in range(round(seconds / TICK_SECONDS)):
        pace = pace.after(rate(pace.limit), troubled=False)
    return pace


def test_it_begins_small_and_never_above_the_ceiling() -> None:
    assert Pace.start(32).limit == FIRST_LIMIT
    assert Pace.start(2).limit == 2


def test_it_grows_to_the_ceiling_where_each_request_brings_something() -> None:
    assert run(Pace.start(64), 10, lambda limit: limit * 1e6).limit == 64
    assert run(Pace.start(24), 10, lambda limit: limit * 1e6).limit == 24


def test_it_goes_back_where_more_requests_bring_nothing() -> None:
    limits = []
    pace = Pace.start(32)
    for _ in range(40):
        pace = pace.after(5e6, troubled=False)
        limits.append(pace.limit)
    assert max(limits) == 2 * FIRST_LIMIT
    assert limits[-1] == FIRST_LIMIT


def test_it_stays_at_what_was_best() -> None:
    assert run(Pace.start(64), 20, lambda limit: min(limit, 16) * 1e6).limit == 16


def test_what_was_useless_once_is_tried_again_after_a_while() -> None:
    pace = run(Pace.start(64), 10, lambda limit: 5e6)
    assert run(pace, 30, lambda limit: limit * 1e6).limit == 64


def test_bursts_of_a_part_of_a_second_do_not_mislead_it() -> None:
    pace, bursts = Pace.start(64), [3.0, 0.6, 0.3, 0.1]
    for tick in range(60):
        pace = pace.after(pace.limit * 1e6 * bursts[tick % 4], troubled=False)
    assert pace.limit == 64


def test_it_does_not_grow_while_nothing_moves() -> None:
    assert run(Pace.start(32), 20, lambda limit: 0.0).limit == FIRST_LIMIT


def test_long_parts_keep_it_low_so_that_little_goes_twice_after_a_crash() -> None:
    pace = Pace.start(64)
    for _ in range(80):
        pace = pace.after(pace.limit * 1e6, troubled=False, part_bytes=16_000_000)
    assert pace.limit == 32
    for _ in range(60):
        pace = pace.after(pace.limit * 1e6, troubled=False, part_bytes=5_000_000_000)
    assert pace.limit == 32, "what runs already is not stopped"


def test_trouble_halves_it_down_to_one() -> None:
    pace, limits = Pace(16, 32), []
    for _ in range(6):
        pace = pace.after(1e6, troubled=True)
        limits.append(pace.limit)
    assert limits == [8, 4, 2, 1, 1, 1]


def test_after_trouble_it_waits_a_while_and_then_comes_back() -> None:
    pace = run(Pace.start(32), 10, lambda limit: min(limit, 16) * 1e6)
    for _ in range(4):
        pace = pace.after(0.0, troubled=True)
    assert pace.limit == 1
    assert run(pace, 2, lambda limit: min(limit, 16) * 1e6).limit == 1
    assert run(pace, 30, lambda limit: min(limit, 16) * 1e6).limit == 16, (
        "one bad moment does not make it slow for good"
    )


@given(st.integers(1, 300), st.lists(st.tuples(st.floats(0, 1e12), st.booleans()), max_size=60))
def test_it_always_lies_between_one_and_the_ceiling(ceiling: int, ticks: list[tuple[float, bool]]) -> None:
    pace = Pace.start(ceiling)
    for rate, troubled in ticks:
        pace = pace.after(rate, troubled=troubled)
        assert 1 <= pace.limit <= ceiling


def test_a_lower_ceiling_holds_at_once_and_a_higher_one_lets_it_grow_again() -> None:
    pace = run(Pace.start(64), 10, lambda limit: limit * 1e6).under(4)
    assert pace.limit == 4
    assert pace.under(3).limit == 3
    assert pace.under(64).limit == FIRST_LIMIT
    assert run(pace.under(64), 10, lambda limit: limit * 1e6).limit == 64


def test_a_higher_ceiling_does_not_undo_what_trouble_has_done() -> None:
    pace = Pace.start(8).after(0.0, troubled=True)
    assert pace.limit == 4
    assert pace.under(64).limit == 4
