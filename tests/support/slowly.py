"""A test that is run many times: some of them always, others with the slow tests, or seldom."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import pytest


def some_slow(count: int, *, quick: int, slow: int | None = None) -> list[object]:
    """The numbers below `count` as parameters; those from `quick` on are marked slow, those from `slow` on rare."""
    most = count if slow is None else slow
    return [
        pytest.param(number, marks=() if number < quick else pytest.mark.slow if number < most else pytest.mark.rare)
        for number in range(count)
    ]


def mostly_slow(
    rows: Iterable[tuple[object, ...]], *, quick: Collection[str], slow: Collection[str] | None = None
) -> list[object]:
    """A table's rows as parameters, each with its first word as its id; those that are not `quick` are marked slow.
    Where `slow` are named, the others are rare."""
    table = [(str(row[0]), row) for row in rows]
    names = {name for name, _ in table}
    slow = names if slow is None else slow
    assert names >= {*quick, *slow}, "a quick row and a slow one are in the table"
    return [
        pytest.param(
            *row, id=name, marks=() if name in quick else pytest.mark.slow if name in slow else pytest.mark.rare
        )
        for name, row in table
    ]


def mostly_rare(table: Mapping[str, object], *, slow: int) -> list[object]:
    """The table's values as parameters with their names as ids, for a test that is slow; but for the first `slow` ones
    they are marked rare."""
    return [
        pytest.param(value, id=name, marks=() if number < slow else pytest.mark.rare)
        for number, (name, value) in enumerate(table.items())
    ]
