"""A verdict is clean while no finding is an error."""

from __future__ import annotations

from typing import Literal

import pytest

from hfpush.findings import Finding
from hfpush.repo.audit.judged import Verdict


@pytest.mark.parametrize(("severity", "clean"), [("error", False), ("warning", True), ("note", True)])
def test_only_an_error_stands_against_it(severity: Literal["error", "warning", "note"], clean: bool) -> None:
    assert Verdict((Finding("x", "x", severity=severity),)).clean is clean
    assert Verdict(()).clean
