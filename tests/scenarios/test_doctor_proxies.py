"""Doctor before proxies: each is staged, told, and cured by the line that doctor gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.ailing import Ailment, Record, rows, told_rightly
from support.ailments.proxies import ROWS


@pytest.mark.parametrize("ailment", rows(ROWS))
def test_doctor_names_the_proxy_s_trouble_and_its_line_cures_it(
    ailment: Ailment, tmp_path: Path, record_property: Record
) -> None:
    told_rightly(ailment, tmp_path, record_property)
