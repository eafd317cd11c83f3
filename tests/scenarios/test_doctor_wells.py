"""Doctor where nothing is wrong: no error and no warning, and an answer within three seconds."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.ailing import Ailment, Record, rows, told_rightly
from support.ailments.wells import ROWS


@pytest.mark.parametrize("ailment", rows(ROWS))
def test_doctor_finds_nothing_where_nothing_is_wrong(ailment: Ailment, tmp_path: Path, record_property: Record) -> None:
    told_rightly(ailment, tmp_path, record_property)
