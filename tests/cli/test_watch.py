"""A publish in words: its plan and its report, as tables."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hfpush.cli.progress import Progressing
from hfpush.cli.watch import PublishWatch, plan_lines, report_lines
from hfpush.commands.publish_report import PublishPlan, PublishReport
from hfpush.errors import Unavailable
from hfpush.findings import Finding
from hfpush.transfer.observe import UploadReport

PLAN = PublishPlan(
    repo="ada/model",
    url="https://hub.example/ada/model",
    branch="main",
    commit="0123456789abcdef" * 2,
    move="forward",
    creates_repo=False,
    commits_folder=False,
    commits=2,
    objects=3,
    objects_bytes=3_000_000,
    missing=1,
    missing_bytes=1_000_000,
)
FOLDER = replace(PLAN, commit=None, commits=1, missing=3, missing_bytes=3_000_000, commits_folder=True)
NEW = "publish 0123456789 to https://hub.example/ada/model (new repository)"
OLD = "publish 0123456789 to https://hub.example/ada/model"
AS_IS = "publish the folder as it is to https://hub.example/ada/model"

PLANS: list[tuple[PublishPlan, list[str]]] = [
    (PLAN, [
        OLD, "  branch  main: 2 new commits",
        "  objects 3 large files, 3.0 MB; the Hub has 2 of them, 1.0 MB to send"]),
    (replace(PLAN, commits=1, objects=0, objects_bytes=0, missing=0, missing_bytes=0), [
        OLD, "  branch  main: 1 new commit", "  objects 0 large files, 0 B"]),
    (replace(PLAN, move="create", creates_repo=True, missing=3), [
        NEW, "  branch  main: a new branch", "  objects 3 large files, 3.0 MB"]),
    (replace(PLAN, move="replace-initial", creates_repo=True, missing=3), [
        NEW, "  branch  main: takes the place of the Hub's own initial commit", "  objects 3 large files, 3.0 MB"]),
    (replace(PLAN, move="nothing", missing=0, missing_bytes=0), [
        OLD, "  branch  main: it has this commit already",
        "  objects 3 large files, 3.0 MB; the Hub has 3 of them, 0 B to send"]),
    (FOLDER, [
        AS_IS, "  branch  main: one new commit, unless nothing has changed",
        "  objects 3 large files, 3.0 MB; which of them the Hub has is known once they have been read"]),
    (replace(FOLDER, move="create", creates_repo=True), [
        AS_IS + " (new repository)", "  branch  main: a new branch", "  objects 3 large files, 3.0 MB"]),
]  # fmt: skip


@pytest.mark.parametrize(("plan", "lines"), PLANS)
def test_a_plan_says_where_what_and_how_much(plan: PublishPlan, lines: list[str]) -> None:
    assert plan_lines(plan) == lines


SENT = UploadReport(sent=("a",), bytes_sent=1_000_000)
NOTHING = replace(PLAN, move="nothing", missing=0, missing_bytes=0)
CHECKED = "  checked the branch is our commit, and 3 large files confirmed"
REPORTS: list[tuple[PublishReport, list[str]]] = [
    (PublishReport(PLAN), ["dry run: nothing was sent and nothing changed"]),
    (PublishReport(NOTHING, UploadReport(), False, 3, 0.5), [
        "nothing to do: https://hub.example/ada/model has it all (3 large files checked)"]),
    (PublishReport(PLAN, SENT, True, 3, 12.0), [
        "published in 12 s: https://hub.example/ada/model", "  objects 1 sent, 2 already there",
        "  bytes   1.0 MB on the wire", CHECKED]),
    (PublishReport(PLAN, UploadReport(resumed=("a",), bytes_sent=400, bytes_resumed=600), True, 3, 1.0), [
        "published in 1.0 s: https://hub.example/ada/model", "  objects 1 resumed, 2 already there",
        "  bytes   400 B on the wire, 600 B kept from an earlier run", CHECKED]),
    (PublishReport(replace(PLAN, missing=3), UploadReport(sent=("a", "b"), present=("c",), bytes_sent=5), True, 3), [
        "published in 0.0 s: https://hub.example/ada/model", "  objects 2 sent, 1 already there",
        "  bytes   5 B on the wire", CHECKED]),
    (PublishReport(replace(PLAN, objects=0, missing=0), UploadReport(), True, 0, 1.0), [
        "published in 1.0 s: https://hub.example/ada/model", "  bytes   0 B on the wire",
        "  checked the branch is our commit, and 0 large files confirmed"]),
]  # fmt: skip


@pytest.mark.parametrize(("report", "lines"), REPORTS)
def test_a_report_says_what_was_done_and_checked(report: PublishReport, lines: list[str]) -> None:
    assert report_lines(report) == lines


def test_a_plan_and_its_notes_are_told_before_the_bars(capsys: pytest.CaptureFixture[str]) -> None:
    note = Finding("card-in-lfs", "README.md goes to LFS.", severity="warning")
    with Progressing("sending") as progress:
        PublishWatch(progress, quiet=False).planned(replace(PLAN, notes=(note,)))
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == ["warning: card-in-lfs", "  README.md goes to LFS.", *plan_lines(PLAN)]


def test_a_quiet_watch_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Progressing("sending", quiet=True, line_seconds=0.01) as progress:
        watch = PublishWatch(progress, quiet=True)
        watch.stage("asking the Hub")
        watch.hashed(10)
        watch.planned(PLAN)
        watch.started("oid", "a.bin", 100, 0)
        watch.moved("oid", 100)
        watch.waiting(5.0, Unavailable.of("x", "Y."))
        watch.finished("oid", "sent")
    assert capsys.readouterr() == ("", "")
