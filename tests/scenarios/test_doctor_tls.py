"""Doctor before TLS that fails and certificates that are not believed: each is staged, told, and cured by its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.ailing import Ailment, Record, rows, told_rightly
from support.ailments.tls import ROWS


@pytest.mark.parametrize("ailment", rows(ROWS))
def test_doctor_names_what_is_wrong_with_tls(ailment: Ailment, tmp_path: Path, record_property: Record) -> None:
    told_rightly(ailment, tmp_path, record_property)
