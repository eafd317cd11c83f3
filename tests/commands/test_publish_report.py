"""The values of a publish as documents, and that a token stays out of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hfpush.commands.publish_report import PublishPlan, PublishReport, PublishRequest
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.findings import Finding
from hfpush.transfer.observe import UploadReport

NOTE = Finding("card-in-lfs", "README.md goes to LFS.", severity="warning")
PLAN = PublishPlan(
    repo="ada/model",
    url="https://hub.example/ada/model",
    branch="main",
    commit="0" * 40,
    move="forward",
    creates_repo=False,
    commits_folder=False,
    commits=1,
    objects=2,
    objects_bytes=200,
    missing=1,
    missing_bytes=100,
    notes=(NOTE,),
)


@pytest.mark.parametrize(
    ("plan", "nothing"),
    [
        (PLAN, False),
        (replace(PLAN, move="nothing"), False),
        (replace(PLAN, missing=0), False),
        (replace(PLAN, move="nothing", missing=0), True),
        (replace(PLAN, move="nothing", missing=0, creates_repo=True), False),
    ],
)
def test_there_is_nothing_to_do_when_branch_and_objects_are_there(plan: PublishPlan, nothing: bool) -> None:
    assert plan.nothing_to_do == nothing
    assert plan.as_json()["nothing_to_do"] == nothing


def test_a_plans_document_has_all_of_its_fields() -> None:
    document = json.loads(json.dumps(PLAN.as_json()))
    assert document.keys() == {*vars(PLAN), "nothing_to_do"}
    assert document["notes"] == [NOTE.as_json()]


def test_a_report_of_a_dry_run_says_so() -> None:
    document = PublishReport(PLAN, seconds=1.23456).as_json()
    assert (document["dry_run"], document["objects"], document["bytes_sent"]) == (True, None, 0)
    assert (document["pushed"], document["seconds"], document["url"]) == (False, 1.235, PLAN.url)


def test_a_report_counts_objects_by_how_they_came() -> None:
    sent = UploadReport(sent=("a", "b"), resumed=("c",), present=("d",), bytes_sent=10, bytes_resumed=5)
    document = PublishReport(PLAN, sent, True, 4).as_json()
    assert document["objects"] == {"sent": 2, "resumed": 1, "present": 1}
    assert (document["bytes_sent"], document["bytes_resumed"], document["verified"]) == (10, 5, 4)
    assert (document["dry_run"], document["pushed"]) == (False, True)


def test_a_request_does_not_show_its_token() -> None:
    address = RepoAddress(Endpoint("hub", "https://hub.example"), "model", "ada/model")
    assert "hf_secret" not in repr(PublishRequest(Path("x"), address, Path("y"), token="hf_secret"))
