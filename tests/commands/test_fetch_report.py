import json
from pathlib import Path

from hfpush.commands.fetch_report import FetchedFile, FetchReport, FetchRequest
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.findings import Finding


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
        "findings": [note.as_json()],
    }


def test_request_shows_no_token() -> None:
    request = FetchRequest(RepoAddress.parse(Endpoint("h", "http://h"), "ada/m"), token="hf_secret")
    assert "hf_secret" not in repr(request)
