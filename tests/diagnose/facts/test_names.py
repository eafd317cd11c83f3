"""What is asked of a lookup."""

from __future__ import annotations

import json

import pytest

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.names import Asked, Lookup
from hfpush.diagnose.report import Report
from hfpush.diagnose.report_reading import read_report


@pytest.mark.parametrize(
    ("outcome", "failed"),
    [("ok", False), ("address", False), ("no-such-name", True), ("server-failure", True), ("no-answer", True)],
)
def test_without_an_address_it_failed(outcome: str, failed: bool) -> None:
    assert Lookup("hf.test", outcome).failed == failed  # type: ignore[arg-type]


def test_all_are_of_a_kind_only_where_there_are_some() -> None:
    assert not Lookup("hf.test").all_are("sinkhole")
    assert Lookup("hf.test", kinds=("sinkhole", "sinkhole")).all_are("sinkhole")
    assert not Lookup("hf.test", kinds=("sinkhole", "public")).all_are("sinkhole")


def test_what_servers_said_is_in_a_report() -> None:
    asked = (Asked("10.0.0.53", "NOERROR", ("0.0.0.0",)), Asked("10.0.0.54", "silent"))
    facts = Facts(lookups=(Lookup("hf.test", "ok", ("0.0.0.0",), ("sinkhole",), asked=asked, hosts_line=3),))
    assert read_report(json.dumps(Report(facts).as_json()).encode(), "report.json").facts == facts
