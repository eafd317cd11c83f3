from __future__ import annotations

import json

from support.scans import FIRST, LIMIT, at, blob, scan_of

from hfpush.commands.audit_report import AuditReport
from hfpush.findings import Finding
from hfpush.repo.audit.judged import Verdict
from hfpush.repo.audit.offences import offences, unmendable


def test_a_report_names_every_offence_and_those_that_nothing_mends() -> None:
    scan = scan_of(blob(LIMIT + 1, at("caf\udce9")), blob(LIMIT + 2, at(".gitignore")), absent=1)
    verdict = Verdict((Finding("large-file-in-git", "x"),), offences(scan), unmendable(scan))
    document = json.loads(json.dumps(AuditReport(".", "in all", scan, verdict, 1.23456).as_json()))
    assert document["clean"] is False
    assert (document["commits"], document["files"], document["absent"], document["seconds"]) == (3, 2, 1, 1.235)
    assert document["refs"] == ["refs/heads/main"]
    assert [(one["paths"], one["verdict"]) for one in document["blobs"]] == [
        (["caf\udce9"], ["large"]),
        ([".gitignore"], ["large", "read-by-git"]),
    ]
    assert [(one["path"], one["commit"], one["unmendable"] is None) for one in document["offences"]] == [
        ("caf\udce9", FIRST, True),
        (".gitignore", FIRST, False),
    ]


def test_a_report_about_nothing() -> None:
    document = AuditReport(".", "in all", None, Verdict(())).as_json()
    assert (document["empty"], document["clean"], document["commits"], document["refs"]) == (True, True, 0, [])
