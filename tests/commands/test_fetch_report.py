import json
from pathlib import Path

import pytest

from hfpush.commands.fetch_report import FetchedFile, FetchReport, FetchRequest, Share
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.findings import Finding
from hfpush.receive.plan import Action, PlannedFile


def test_report_is_one_plain_document() -> None:
    note = Finding("hub-not-asked", "The Hub could not be asked.", severity="note")
    files = (FetchedFile("a", 5, "kept"),)
    report = FetchReport("ada/m", "http://h/ada/m", "main", "1" * 40, Path("x"), files, 0, 5, 0.12345, (note,))
    assert json.loads(json.dumps(report.as_json())) == {
        "repo": "ada/m",
        "url": "http://h/ada/m",
        "revision": "main",
        "commit": "1" * 40,
        "folder": "x",
        "files": [{"path": "a", "size": 5, "how": "kept"}],
        "bytes_wire": 0,
        "bytes_kept": 5,
        "seconds": 0.123,
        "shares": [],
        "findings": [note.as_json()],
    }


def test_what_each_source_brought_is_in_the_document() -> None:
    gone = Finding("stalled", "Nothing moves.")
    shares = (Share("hf", 60), Share("mirror", 20, gone))
    report = FetchReport("ada/m", "u", "main", "1" * 40, Path("x"), (), shares=shares)
    assert json.loads(json.dumps(report.as_json()))["shares"] == [
        {"source": "hf", "bytes": 60, "dropped": None},
        {"source": "mirror", "bytes": 20, "dropped": gone.as_json()},
    ]


@pytest.mark.parametrize(
    ("action", "room", "free", "problems"),
    [
        ("fetch", 5, 5, []),
        ("fetch", 6, 5, ["disk-full"]),
        ("refuse", 0, 5, ["files-refused"]),
        ("refuse", 6, 5, ["files-refused", "disk-full"]),
        ("fetch", 6, None, []),
    ],
)
def test_a_plan_that_cannot_be_carried_out_says_why(
    action: Action, room: int, free: int | None, problems: list[str]
) -> None:
    plan = (PlannedFile("a", 6, action, 1, "why"),)
    report = FetchReport("ada/m", "u", "main", "1" * 40, Path("x"), (), plan=plan, to_come=5, room=room, free=free)
    assert [problem.reference for problem in report.problems] == problems
    document = json.loads(json.dumps(report.as_json()))
    assert document["plan"] == [{"path": "a", "size": 6, "action": action, "have": 1, "why": "why"}]
    assert (document["to_come"], document["room"], document["free"]) == (5, room, free)


def test_request_shows_no_token() -> None:
    request = FetchRequest(RepoAddress.parse(Endpoint("h", "http://h"), "ada/m"), token="hf_secret")
    assert "hf_secret" not in repr(request)
