"""A finding is the one way to say that something is wrong."""

from __future__ import annotations

import dataclasses
import json

import pytest

from hfpush.findings import Finding


def test_a_finding_is_an_error_with_nothing_seen_unless_said_otherwise() -> None:
    finding = Finding("part-tag-missing", "Part 12 was accepted without an ETag.")
    assert (finding.severity, finding.evidence, finding.remedy) == ("error", (), ())


def test_its_document_holds_all_of_it_as_plain_values() -> None:
    finding = Finding("x-y", "Something.", ("seen",), ("first", "second"), "warning")
    document = json.loads(json.dumps(finding.as_json()))
    assert document == {
        "reference": "x-y",
        "severity": "warning",
        "message": "Something.",
        "evidence": ["seen"],
        "remedy": ["first", "second"],
    }
    assert set(document) == {field.name for field in dataclasses.fields(Finding)}


def test_a_finding_does_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Finding("a", "b").message = "c"  # type: ignore[misc]
