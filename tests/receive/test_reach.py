from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.receive.reach import TICK_SECONDS, Reach, useful_for_small


def run(reach: Reach, seconds: float, rate: Callable[[int], float]) -> Reach:
    """The reach after a calm time at a source that gives `rate(limit)` bytes a second."""
    for _ in range(round(seconds / TICK_SECONDS)):
        reach = reach.after(rate(reach.limit))
    return reach


def test_where_each_connection_brings_something_the_ceiling_is_reached_within_a_second() -> None:
    assert run(Reach.start(1, 64), 1, lambda limit: limit * 20e6).limit == 64
    assert run(Reach.start(1, 24), 1, lambda limit: limit * 20e6).limit == 24


def test_fast_single_stream_is_left_alone() -> None:
    reach = Reach.start(1, 64)
    for _ in range(200):
        reach = reach.after(900e6)
        assert reach.limit == 1


@pytest.mark.parametrize(("useful", "most"), [(1, 1), (4, 4), (8, 16), (16, 16)])
def test_it_goes_back_to_about_what_was_best(useful: int, most: int) -> None:
    assert run(Reach.start(1, 64), 8, lambda limit: min(limit, useful) * 10e6).limit == most


def test_it_goes_back_sooner_where_more_bring_less() -> None:
    reach = run(Reach.start(4, 64), 0.5, lambda limit: 20e6)
    assert reach.limit > 4
    assert run(reach, 1.5, lambda limit: 20e6 if limit <= 4 else 10e6).limit <= 8


def test_what_was_useless_once_is_tried_again_after_a_while() -> None:
    reach = run(Reach.start(1, 64), 8, lambda limit: 10e6)
    assert reach.limit == 1
    assert run(reach, 20, lambda limit: limit * 10e6).limit == 64


def test_trouble_halves_it_and_it_keeps_still_for_a_while() -> None:
    reach = run(Reach.start(1, 64), 3, lambda limit: limit * 20e6).after(1e6, troubled=True)
    assert reach.limit == 32
    assert run(reach, 2, lambda limit: limit * 20e6).limit == 32
    assert Reach.start(1, 64).after(0.0, troubled=True).limit == 1


def test_over_a_long_way_several_begin_at_once() -> None:
    assert Reach.start(1, 64).answered(0.1).limit == 8
    assert Reach.start(1, 4).answered(0.1).limit == 4
    assert Reach.start(16, 64).answered(0.1).limit == 16
    assert Reach.start(1, 64).answered(0.01).limit == 1


def test_a_head_start_before_a_cap_is_found_out() -> None:
    start = Reach.start(1, 64).after(200e6).after(100e6)
    assert run(run(start, 0.5, lambda limit: 100e6), 4, lambda limit: limit * 20e6).limit == 64


def test_fast_line_that_goes_up_and_down_keeps_its_few_streams() -> None:
    reach = Reach.start(1, 64)
    for tick in range(95):
        reach = reach.after(800e6 if tick // 10 % 2 == 0 else 240e6)
        assert reach.limit == 1


@pytest.mark.parametrize(("seconds", "useful"), [(0.0001, 2), (0.004, 8), (0.1, 200)])
def test_for_small_files_requests_are_worth_the_wait_they_hide(seconds: float, useful: int) -> None:
    assert useful_for_small(seconds) == useful


@given(st.integers(0, 100), st.integers(1, 64), st.lists(st.tuples(st.floats(0, 1e10), st.booleans()), max_size=200))
def test_it_stays_between_one_and_the_ceiling(first: int, ceiling: int, ticks: list[tuple[float, bool]]) -> None:
    reach = Reach.start(first, ceiling)
    for rate, troubled in ticks:
        reach = reach.after(rate, troubled=troubled)
        assert 1 <= reach.limit <= ceiling
