"""Doctor before what programs read differently: each is staged, told, and cured by the line that doctor gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.ailing import Ailment, Record, told_rightly
from support.ailments.ways import ROWS
from support.stage import why_not


def rows() -> list[object]:
    """Each row with its name, and what it needs."""
    slow = [pytest.mark.slow]
    return [
        pytest.param(row, id=row.name, marks=[pytest.mark.needs(*row.needs), *([] if row.quick else slow)])
        for row in ROWS
    ]


@pytest.mark.parametrize("ailment", rows())
def test_doctor_names_what_programs_read_differently_and_its_line_cures_it(
    ailment: Ailment, tmp_path: Path, record_property: Record
) -> None:
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    told_rightly(ailment, tmp_path, record_property)
