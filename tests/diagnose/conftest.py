"""What the tests of questions share: a machine and a world of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.stage import Stage, why_not


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A client and a world, for this test alone."""
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    with Stage(tmp_path) as stage:
        yield stage
