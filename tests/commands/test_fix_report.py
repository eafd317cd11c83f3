"""A fix as a document."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hfpush.commands.fix_report import FixPlan, FixReport
from hfpush.findings import Finding, Severity
from hfpush.repo.rewrite.values import Offence, RewritePlan, Verified
from hfpush.repo.scope import Scope

REWRITE = RewritePlan(
    scope=Scope({"refs/heads/main": "c" * 40}),
    offences=(Offence("c" * 40, "caf\udce9.bin", "b" * 40, 10),),
    unmended=(),
    commits=2,
    moves={"refs/heads/main": "c" * 40},
    blobs={"b" * 40: 10},
    lfs_bytes=10,
    signed_commits=1,
)


def test_a_report_is_plain_values() -> None:
    report = FixReport(
        "fixed", Path("repo"), FixPlan(REWRITE, 99), "refs/hfpush/backup/x/", 1, Verified(2, 1, 1, 10), seconds=0.12345
    )
    document = json.loads(json.dumps(report.as_json()))
    assert document["plan"]["files"] == [{"path": "caf\udce9.bin", "size": 10, "commit": "c" * 40, "blob": "b" * 40}]
    assert (document["plan"]["commits"], document["plan"]["blobs"], document["plan"]["free_bytes"]) == (2, 1, 99)
    assert document["verified"] == {"commits": 2, "files": 1, "objects": 1, "bytes": 10}
    assert (document["action"], document["refs"], document["seconds"]) == ("fixed", 1, 0.123)
    assert json.loads(json.dumps(FixReport("nothing", Path("repo")).as_json()))["plan"] is None


@pytest.mark.parametrize(("severity", "clean"), [("error", False), ("warning", True), ("note", True)])
def test_only_errors_leave_it_unclean(severity: Severity, clean: bool) -> None:
    finding = Finding("fix-left", "It is so.", severity=severity)
    assert FixReport("fixed", Path(), findings=(finding,)).clean is clean
