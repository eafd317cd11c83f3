from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.disk.extents import Extents
from hfpush.receive.pieces import Running, covered, double, fresh, piece_bytes, split, too_slow

MIB = 1 << 20


def test_who_is_alone_asks_for_all_that_is_missing_at_once() -> None:
    assert fresh(Extents.prefix(5), 1000 * MIB, rate=1e6, share=1) == (5, 1000 * MIB)


def test_of_several_gaps_the_first_is_taken() -> None:
    there = Extents(((0, 10), (20, 30)))
    assert fresh(there, 100, rate=0, share=1) == (10, 20)


def test_nothing_is_left_when_all_is_there_or_on_its_way() -> None:
    taken = covered(Extents.prefix(50), [Running(50, 100)])
    assert fresh(taken, 100, rate=0, share=4) is None


@pytest.mark.parametrize(
    ("rate", "fair", "expected"),
    [
        (0, 1000 * MIB, 4 * MIB),
        (20e6, 1000 * MIB, 16 * MIB),
        (4e6, 1000 * MIB, 6_000_000),
        (1e4, 1000 * MIB, 4 * MIB),
        (20e6, 3 * MIB, 3 * MIB),
        (20e6, 1, 2 * MIB),
    ],
)
def test_piece_is_a_second_or_two_of_a_connection(rate: float, fair: int, expected: int) -> None:
    assert piece_bytes(rate, fair) == expected


@pytest.mark.parametrize(
    ("latency", "fair", "expected"),
    [
        (0.01, 1000 * MIB, 16 * MIB),
        (0.1, 1000 * MIB, 20_000_000),
        (1.0, 1000 * MIB, 32 * MIB),
        (0.1, MIB, 4_000_000),
        (1.0, MIB, 8 * MIB),
        (math.inf, 1000 * MIB, 16 * MIB),
    ],
)
def test_piece_takes_many_times_as_long_as_its_first_byte(latency: float, fair: int, expected: int) -> None:
    assert piece_bytes(20e6, fair, latency) == expected


@pytest.mark.parametrize(
    ("running", "expected"),
    [
        ([Running(0, 1000 * MIB, 20e6)], (0, 16 * MIB)),
        ([Running(0, 100 * MIB, 0.0, known=False)], (0, 4 * MIB)),
        ([Running(0, 8 * MIB, 0.0, known=False)], None),
        ([Running(0, 16 * MIB, 20e6)], None),
        ([Running(0, 2 * MIB, 1e5)], (0, 1 * MIB)),
        ([Running(0, MIB - 2, 1.0)], None),
        ([Running(0, 100 * MIB, 50e6), Running(100 * MIB, 200 * MIB, 1e6)], (1, 104 * MIB)),
        ([Running(0, 100 * MIB, 1e6, doubled=True)], None),
    ],
)
def test_long_stretch_is_cut_near_its_reader(running: list[Running], expected: tuple[int, int] | None) -> None:
    assert split(running) == expected


@pytest.mark.parametrize(
    ("running", "rate", "faster", "expected"),
    [
        ([Running(0, 4 * MIB, 1e5)], 20e6, 2.0, 0),
        ([Running(0, 4 * MIB, 1e5), Running(4 * MIB, 8 * MIB, 1e4)], 20e6, 2.0, 1),
        ([Running(0, 4 * MIB, 15e6)], 20e6, 2.0, None),
        ([Running(0, 4 * MIB, 6e6)], 20e6, 4.0, None),
        ([Running(0, 4 * MIB, 0.0, known=False)], 20e6, 2.0, None),
        ([Running(0, 4 * MIB, 0.0)], 20e6, 2.0, 0),
        ([Running(0, 4 * MIB, 1e5, doubled=True)], 20e6, 2.0, None),
        ([Running(0, 4 * MIB, 1e5)], 0.0, 2.0, None),
    ],
)
def test_what_would_be_late_is_brought_twice_by_who_is_much_faster(
    running: list[Running], rate: float, faster: float, expected: int | None
) -> None:
    assert double(running, rate=rate, faster=faster) == expected


@pytest.mark.parametrize(
    ("missing", "rate", "others", "expected"),
    [
        (10_000 * MIB, 1e6, 900e6, False),
        (100 * MIB, 1e6, 900e6, True),
        (100 * MIB, 0.0, 900e6, False),
        (100 * MIB, 1e6, 3e6, False),
    ],
)
def test_slow_source_leaves_the_end_to_the_others(missing: int, rate: float, others: float, expected: bool) -> None:
    assert too_slow(missing, rate=rate, others=others) is expected


@given(st.integers(1, 100 * MIB), st.integers(1, 64), st.floats(0, 1e9))
def test_pieces_cover_a_file_once_and_in_order(size: int, share: int, rate: float) -> None:
    taken, at = Extents(), 0
    while (stretch := fresh(taken, size, rate=rate, share=share)) is not None:
        assert stretch[0] == at < stretch[1]
        at = stretch[1]
        taken = taken.with_(*stretch)
    assert at == size
