"""Doctor before repositories and disks: each is staged, told offline, and cured by what doctor says where it can be."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.ailing import Ailment, Record, rows, told_rightly
from support.ailments.repositories import ROWS


@pytest.mark.parametrize("ailment", rows(ROWS))
def test_doctor_names_what_ails_a_repository_without_asking_anybody(
    ailment: Ailment, tmp_path: Path, record_property: Record
) -> None:
    told_rightly(ailment, tmp_path, record_property)
