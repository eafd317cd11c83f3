"""A report as a zip: what is in it, and what never is."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from hfpush.commands.doctor_bundle import write_bundle
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.machine import Machine, Variable
from hfpush.diagnose.report import Report
from hfpush.diagnose.report_reading import read_report
from hfpush.errors import LocalTrouble

TOKEN = "hf_" + "a" * 34
FACTS = Facts(machine=Machine(variables=(Variable("REMARK", f"it is {TOKEN}"),), versions=("hfpush 1", "git 2")))


def test_the_report_in_it_can_be_replayed_and_has_no_token(tmp_path: Path) -> None:
    place = write_bundle(Report(FACTS), tmp_path / "a.zip", ["all is well", TOKEN])
    with zipfile.ZipFile(place) as bundle:
        files = {name: bundle.read(name) for name in bundle.namelist()}
    assert set(files) == {"report.json", "report.txt", "versions.txt"}
    assert TOKEN.encode() not in b"".join(files.values())
    assert read_report(files["report.json"], "it").facts.machine.versions == ("hfpush 1", "git 2")
    assert json.loads(files["report.json"])["well"] is True


def test_what_is_taken_out_leaves_a_document_that_can_be_read(tmp_path: Path) -> None:
    remark = Variable("REMARK", f"Set-Cookie: a={TOKEN}")
    place = write_bundle(Report(Facts(machine=Machine(variables=(remark,)))), tmp_path / "a.zip", [])
    with zipfile.ZipFile(place) as bundle:
        document = bundle.read("report.json")
    assert read_report(document, "it").facts.machine.variables == (Variable("REMARK", "Set-Cookie: ***"),)


def test_a_place_that_is_taken_or_closed_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"mine")
    for place in (tmp_path / "a.zip", tmp_path / "none/a.zip"):
        with pytest.raises(LocalTrouble) as caught:
            write_bundle(Report(FACTS), place, [])
        assert caught.value.finding.reference == "output-unwritable"
    assert (tmp_path / "a.zip").read_bytes() == b"mine"
