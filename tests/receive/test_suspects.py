from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.disk.extents import Extents
from hfpush.receive.suspects import EARLIER, Difference, Doubt, guilty, meet, next_doubt

SOME = Extents(((0, 10),))


@pytest.mark.parametrize(
    ("given_by", "doubted", "usable", "expected"),
    [
        ([EARLIER, 0], [], [0], Doubt(EARLIER, frozenset({0}))),
        ([EARLIER, 0, 1], [], [0, 1], Doubt(EARLIER, frozenset({0, 1}))),
        ([0, 1, 2], [], [0, 1, 2], Doubt(2, frozenset({0, 1}))),
        ([0, 1, 2], [2], [0, 1, 2], Doubt(1, frozenset({0}))),
        ([0, 1, 2], [1, 2], [0, 1, 2], Doubt(0, frozenset({1, 2}))),
        ([0, 1], [0, 1], [0, 1], None),
        ([0], [], [0], None),
        ([0], [], [0, 1], Doubt(0, frozenset({1}))),
        ([1], [], [1], None),
        ([], [], [0, 1], None),
    ],
)
def test_the_least_believed_is_doubted_first(
    given_by: list[int], doubted: list[int], usable: list[int], expected: Doubt | None
) -> None:
    assert next_doubt(dict.fromkeys(given_by, SOME), doubted, usable) == expected


@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        ([], set()),
        ([Difference(1, 0, 5, 6)], {1}),
        ([Difference(1, 0, 5, 6), Difference(0, 1, 5, 6)], {0}),
        ([Difference(1, 0, 5, 6), Difference(0, 1, 7, 8)], {0, 1}),
        ([Difference(EARLIER, 0, 0, 9), Difference(2, 1, 20, 21)], {EARLIER, 2}),
        ([Difference(2, 0, 0, 10), Difference(0, 1, 2, 4)], {0, 2}),
    ],
)
def test_who_differed_from_what_was_right_in_the_end_is_guilty(
    differences: list[Difference], expected: set[int]
) -> None:
    assert guilty(differences) == expected


EXTENTS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6).map(
    lambda parts: Extents().with_(0, 0) if not parts else _all(parts)
)


def _all(parts: list[tuple[int, int]]) -> Extents:
    found = Extents()
    for start, stop in parts:
        found = found.with_(start, stop)
    return found


def _points(extents: Extents) -> set[int]:
    return {place for start, stop in extents.parts for place in range(start, stop)}


@given(EXTENTS, EXTENTS)
def test_meet_has_what_both_have(one: Extents, other: Extents) -> None:
    assert _points(meet(one, other)) == _points(one) & _points(other)
