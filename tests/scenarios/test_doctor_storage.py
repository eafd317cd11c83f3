"""Doctor and what comes after the Hub's API: storage, mirrors, git-lfs's agent, Xet. Each is staged and told."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.ailing import Ailment, Record, rows, told_rightly
from support.ailments.storage import ROWS


@pytest.mark.parametrize("ailment", rows(ROWS))
def test_doctor_names_what_keeps_bytes_from_arriving(ailment: Ailment, tmp_path: Path, record_property: Record) -> None:
    told_rightly(ailment, tmp_path, record_property)
