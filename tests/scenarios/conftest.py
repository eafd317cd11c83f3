"""A stage for the scenarios that need one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.stage import Stage, why_not


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A client and a world with nothing in it yet; see support/stage.py. Skips where the machine allows none."""
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    with Stage(tmp_path) as made:
        yield made
