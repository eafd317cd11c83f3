"""A test that is run many times: a few of them always, the others with the slow tests."""

from __future__ import annotations

import pytest


def some_slow(count: int, *, quick: int) -> list[object]:
    """The numbers below `count` as parameters; those from `quick` on are marked slow."""
    return [pytest.param(number, marks=() if number < quick else pytest.mark.slow) for number in range(count)]
