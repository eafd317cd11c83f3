"""Doctor before names and paths: each fault is staged and told, and what its line cures is cured."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.ailing import Ailment, Record, rows, told_rightly
from support.ailments.paths import ROWS


@pytest.mark.parametrize("ailment", rows(ROWS))
def test_doctor_names_what_is_wrong_on_the_way(ailment: Ailment, tmp_path: Path, record_property: Record) -> None:
    told_rightly(ailment, tmp_path, record_property)
