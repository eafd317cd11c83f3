"""How bad a cause is."""

from __future__ import annotations

from hfpush.diagnose.cause import Cause
from hfpush.findings import Finding


def test_an_error_is_worse_than_a_warning_and_that_than_a_note() -> None:
    assert [Cause(Finding("a", "a", severity=one)).rank for one in ("error", "warning", "note")] == [0, 1, 2]
