"""A test that is run many times: some of them always, the others with the slow tests."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pytest


def some_slow(count: int, *, quick: int) -> list[object]:
    """The numbers below `count` as parameters; those from `quick` on are marked slow."""
    return [pytest.param(number, marks=() if number < quick else pytest.mark.slow) for number in range(count)]


def mostly_slow(rows: Iterable[tuple[object, ...]], *, quick: Collection[str]) -> list[object]:
    """A table's rows as parameters, each with its first word as its id; those that are not `quick` are marked slow."""
    table = [(str(row[0]), row) for row in rows]
    assert {name for name, _ in table} >= set(quick), "a quick row is in the table"
    return [pytest.param(*row, id=name, marks=() if name in quick else pytest.mark.slow) for name, row in table]
