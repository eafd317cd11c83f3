"""Doctor and what comes after the Hub's API: storage, mirrors, git-lfs's agent, Xet. Each is staged and told."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.ailing import Ailment, Record, told_rightly
from support.ailments.storage import ROWS
from support.stage import why_not


def rows() -> list[object]:
    """Each row with its name, and what it needs."""
    slow = [pytest.mark.slow]
    return [
        pytest.param(row, id=row.name, marks=[pytest.mark.needs(*row.needs), *([] if row.quick else slow)])
        for row in ROWS
    ]


@pytest.mark.parametrize("ailment", rows())
def test_doctor_names_what_keeps_bytes_from_arriving(ailment: Ailment, tmp_path: Path, record_property: Record) -> None:
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    told_rightly(ailment, tmp_path, record_property)
