"""What came of connecting, as it is kept."""

from __future__ import annotations

import json
from typing import get_args

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.connections import Dial, Outcome
from hfpush.diagnose.report import Report
from hfpush.diagnose.report_reading import read_report


def test_every_outcome_survives_a_report() -> None:
    dials = tuple(
        Dial("hf.test:443 straight", "10.0.0.1", one, seconds=0.5, interface="eth0", mtu=1500)
        for one in get_args(Outcome)
    )
    facts = Facts(dials=dials)
    assert read_report(json.dumps(Report(facts).as_json()).encode(), "report.json").facts == facts


def test_an_outcome_of_a_newer_version_is_left_out_and_counted() -> None:
    document = Report(Facts(dials=(Dial("a"), Dial("b")))).as_json()
    document["facts"]["dials"][0]["outcome"] = "teleported"
    report = read_report(json.dumps(document).encode(), "report.json")
    assert [one.line for one in report.facts.dials] == ["b"]
    assert report.lost == 1
