from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.lfs.parts import part_count, part_range

SIZES = st.integers(0, 10_000)
PART_SIZES = st.integers(1, 11_000)


def ranges(size: int, part_bytes: int) -> list[tuple[int, int]]:
    return [part_range(number, size, part_bytes) for number in range(1, part_count(size, part_bytes) + 1)]


@given(SIZES, PART_SIZES)
def test_the_parts_cover_every_byte_exactly_once_and_in_order(size: int, part_bytes: int) -> None:
    end = 0
    for start, stop in ranges(size, part_bytes):
        assert start == end
        end = stop
    assert end == size


@given(SIZES, PART_SIZES)
def test_every_part_but_the_last_is_full_and_none_is_empty(size: int, part_bytes: int) -> None:
    *others, last = [stop - start for start, stop in ranges(size, part_bytes)]
    assert all(length == part_bytes for length in others)
    assert 0 < last <= part_bytes or size == 0


@pytest.mark.parametrize(
    ("size", "part_bytes", "count"),
    [(0, 5, 1), (1, 5, 1), (5, 5, 1), (6, 5, 2), (10, 5, 2), (2**62, 2**53, 512), (2**53 + 1, 1 << 20, 2**33 + 1)],
)
def test_the_number_of_parts_is_exact_also_where_a_float_is_not(size: int, part_bytes: int, count: int) -> None:
    assert part_count(size, part_bytes) == count
