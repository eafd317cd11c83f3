"""Stretches of a file against sets of positions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hfpush.disk.extents import Extents

_STRETCH = st.tuples(st.integers(0, 40), st.integers(0, 40))
_OPERATION = st.tuples(st.booleans(), _STRETCH)


@given(st.lists(_OPERATION, max_size=20), st.integers(0, 45), st.integers(0, 45))
def test_extents_are_the_set_of_positions_that_was_added_and_not_taken_away(
    operations: list[tuple[bool, tuple[int, int]]], size: int, start: int
) -> None:
    extents, positions = Extents(), set[int]()
    for add, (first, stop) in operations:
        extents = extents.with_(first, stop) if add else extents.without(first, stop)
        positions = positions | set(range(first, stop)) if add else positions - set(range(first, stop))
    assert {at for begin, end in extents.parts for at in range(begin, end)} == positions
    assert extents.total == len(positions)
    assert extents.end == max(positions, default=-1) + 1
    assert extents.frontier == next(at for at in range(50) if at not in positions)
    assert {at for begin, end in extents.gaps(size, start) for at in range(begin, end)} == set(
        range(start, size)
    ) - positions
    assert all(end < begin for (_, end), (begin, _) in zip(extents.parts, extents.parts[1:], strict=False))


def test_a_prefix_is_its_first_bytes() -> None:
    assert (Extents.prefix(5).parts, Extents.prefix(0).parts) == (((0, 5),), ())
