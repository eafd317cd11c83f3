"""Doctor before repositories and disks: each is staged, told offline, and cured by what doctor says where it can be."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.ailing import Ailment, Record, told_rightly
from support.ailments.repositories import ROWS


def rows() -> list[object]:
    """Each row with its name, and what it needs."""
    slow = [pytest.mark.slow]
    return [
        pytest.param(row, id=row.name, marks=[pytest.mark.needs(*row.needs), *([] if row.quick else slow)])
        for row in ROWS
    ]


@pytest.mark.parametrize("ailment", rows())
def test_doctor_names_what_ails_a_repository_without_asking_anybody(
    ailment: Ailment, tmp_path: Path, record_property: Record
) -> None:
    told_rightly(ailment, tmp_path, record_property)
