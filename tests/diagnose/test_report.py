"""A report as a document."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.names import Lookup
from hfpush.diagnose.report import FORM, Report
from hfpush.findings import Finding


@pytest.mark.parametrize(("severity", "well"), [("error", False), ("warning", True), ("note", True)])
def test_well_is_what_has_no_error(severity: Any, well: bool) -> None:
    assert Report(Facts(), (Finding("a", "b", severity=severity),)).well is well


def test_the_document_has_every_fact_in_plain_values() -> None:
    report = Report(Facts(lookups=(Lookup("hf.test", addresses=("10.0.0.1",)),)), (Finding("a", "b"),), 1.23456, "9.9")
    document = json.loads(json.dumps(report.as_json()))
    assert (document["report"], document["hfpush"], document["seconds"]) == (FORM, "9.9", 1.235)
    assert document["facts"]["lookups"][0]["addresses"] == ["10.0.0.1"]
    assert document["findings"] == [Finding("a", "b").as_json()]


def test_no_text_of_the_document_has_a_secret_or_moves_a_cursor() -> None:
    secret = "https://me:SECRET@h/x?sig=SECRET \x1b[31m"
    report = Report(
        Facts(lookups=(Lookup(secret, addresses=(secret,)),)), (Finding("a", secret, (secret,), (secret,)),)
    )
    text = json.dumps(report.as_json())
    assert "SECRET" not in text
    assert "\\u001b" not in text
