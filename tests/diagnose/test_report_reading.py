"""A report goes out and comes back; of one that another version wrote, whatever can be read is."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.names import Lookup
from hfpush.diagnose.report import Report
from hfpush.diagnose.report_reading import read_report
from hfpush.errors import Misuse
from hfpush.findings import Finding

_TEXT = st.text(max_size=8)
st.register_type_strategy(str, _TEXT)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False, width=32))


@settings(max_examples=60, deadline=None)
@given(st.builds(Facts))
def test_facts_come_back_as_they_went(facts: Facts) -> None:
    text = json.dumps(Report(facts).as_json()).encode()
    assert read_report(text, "a report").facts == facts


def changed(**more: Any) -> bytes:
    document = Report(Facts(lookups=(Lookup("hf.test"), Lookup("s3.test"))), (Finding("a", "b"),), 2.5).as_json()
    document["facts"].update(more)
    return json.dumps(document).encode()


def test_what_a_newer_version_knows_is_left_out() -> None:
    text = changed(weather=[1, 2], lookups=[{"host": "hf.test", "outcome": "quantum"}, {"host": "b", "mood": "good"}])
    report = read_report(text, "a report")
    assert [one.host for one in report.facts.lookups] == ["b"]
    assert (report.lost, report.seconds, report.findings) == (1, 2.5, ())


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"{}", b'{"facts": 3}', b'{"facts": {"ways": 3}}', b"\xff\xfe", b"[" * 100_000]
)
def test_what_is_no_report_is_misuse(text: bytes) -> None:
    with pytest.raises(Misuse) as caught:
        read_report(text, "a file")
    assert caught.value.finding.reference == "report-unreadable"


@given(st.binary(max_size=200))
def test_no_bytes_make_a_traceback(text: bytes) -> None:
    with contextlib.suppress(Misuse):
        read_report(text, "a file")
