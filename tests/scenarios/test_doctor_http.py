"""Doctor before servers that answer wrongly, logins and repositories: each staged, told, and cured where it can be."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest
from support.ailing import HFPUSH, Ailment, Record, Room, Told, rows, told_rightly
from support.ailments.http import DEAD_TOKEN, ROWS, portal_elsewhere, stale_helper


@pytest.mark.parametrize("ailment", rows(ROWS))
def test_doctor_names_what_the_hub_says_and_its_line_cures_it(
    ailment: Ailment, tmp_path: Path, record_property: Record
) -> None:
    told_rightly(ailment, tmp_path, record_property)


@pytest.mark.needs("git")
def test_no_login_is_in_what_doctor_says_or_in_its_report(tmp_path: Path) -> None:
    with Room(tmp_path) as room:
        told = stale_helper(room)
        secrets = (told.environment["HF_TOKEN"], DEAD_TOKEN, b64encode(f"me:{DEAD_TOKEN}".encode()).decode())
        shown = room.run(told, *HFPUSH, "doctor", *told.arguments)
        report = room.doctor(told)
    assert "token-refused" in shown.out
    for secret in secrets:
        assert secret not in shown.text + report.text


def test_a_report_of_a_portal_says_the_same_when_it_is_replayed(tmp_path: Path) -> None:
    with Room(tmp_path) as room:
        report = room.doctor(portal_elsewhere(room))
        kept = tmp_path / "report.json"
        kept.write_text(report.out)
        again = room.run(Told(), *HFPUSH, "doctor", "--replay", str(kept), "--json")
    assert again.document["findings"] == report.document["findings"]
