"""`hfpush verify`: what its words become, and its report in a few lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.fetched import BIG, Fetched, fetched
from typer.testing import CliRunner

from hfpush.cli.app import app
from hfpush.cli.verify import report_lines
from hfpush.commands.verify_found import Sighting
from hfpush.commands.verify_report import VerifiedRepo, VerifyReport

WRONG = Sighting("a", "1" * 40, 5, "damaged", "it is wrong")
FINE = VerifiedRepo("model", "ada/model", Path("x"))


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fetched]:
    with fetched(tmp_path) as made:
        monkeypatch.setenv("HF_ENDPOINT", made.hub.url)
        monkeypatch.setenv("HF_TOKEN", made.hub.token)
        monkeypatch.setenv("HF_HUB_CACHE", str(made.cache))
        yield made


@pytest.mark.parametrize(
    ("report", "lines"),
    [
        (VerifyReport(Path("z"), (FINE,), 3, 5000, 0, 2.0), ["all is well: 3 files, 5.0 kB, read in 2.0 s"]),
        (VerifyReport(Path("z")), ["all is well: 0 files of 0 repositories, 0 B, read in 0.0 s"]),
        (
            VerifyReport(
                Path("z"), (FINE, VerifiedRepo("model", "x", Path("y"), wrong=(WRONG,), repaired=(WRONG,))), 3, 5000, 7
            ),
            [
                "repaired 1 file; 7 B on the wire",
                "1 file is not as the repository lists: 3 files of 2 repositories, 5.0 kB, read in 0.0 s",
            ],
        ),
    ],
)
def test_a_report_is_a_line_or_two(report: VerifyReport, lines: list[str]) -> None:
    assert report_lines(report) == lines


def test_damage_is_told_repaired_and_gone(room: Fetched) -> None:
    run = CliRunner().invoke
    done = run(app, ["verify"])
    assert (done.exit_code, done.stdout.startswith("all is well: "), done.stderr) == (0, True, "")
    (room.snapshot / "model.safetensors").resolve().write_bytes(BIG[:-1] + b"?")
    done = run(app, ["verify", "ada/model"])
    assert done.exit_code == 1
    assert "error: file-damaged" in done.stdout
    assert f"hfpush verify ada/model --cache-dir {room.cache} --repair" in done.stdout
    done = run(app, ["verify", "ada/model", "--cache-dir", str(room.cache), "--repair"])
    assert done.exit_code == 0, done.output
    assert "repaired 2 files; 300.0 kB on the wire" in done.stdout
    assert run(app, ["verify", "--jobs", "1"]).exit_code == 0


def test_json_is_one_document(room: Fetched) -> None:
    (room.snapshot / "config.json").resolve().write_bytes(b"?")
    done = CliRunner().invoke(app, ["verify", "--json"])
    document = json.loads(done.stdout)
    assert (done.exit_code, document["clean"], done.stderr) == (1, False, "")
    assert document["repos"][0]["wrong"][0]["path"] == "config.json"
    done = CliRunner().invoke(app, ["verify", "--json", "--repair"])
    assert (done.exit_code, json.loads(done.stdout)["clean"]) == (0, True)


def test_a_folder_is_not_repaired_without_a_yes(room: Fetched) -> None:
    room.fetch(local_dir=room.folder)
    (room.folder / "config.json").write_text("mine")
    words = ["verify", "ada/model", "--local-dir", str(room.folder), "--repair"]
    done = CliRunner().invoke(app, words)
    assert (done.exit_code, "repair-unconfirmed" in done.stderr) == (2, True)
    assert f"hfpush verify ada/model --local-dir {room.folder} --repair --yes" in done.stderr
    assert (room.folder / "config.json").read_text() == "mine"
    assert CliRunner().invoke(app, [*words, "--yes"]).exit_code == 0
    assert (room.folder / "config.json").read_text() == '{"layers": 2}\n'


@pytest.mark.parametrize(
    ("words", "reference"),
    [
        (["not an id"], "repo-id-invalid"),
        (["ada/model", "--cache-dir", "a", "--local-dir", "b"], "two-places"),
        (["ada/model", "--revision", "../x"], "revision-invalid"),
        (["--revision", "main"], "verify-needs-repo"),
        (["ada/model", "--jobs", "0"], "jobs-invalid"),
    ],
)
def test_a_wrong_word_is_told(words: list[str], reference: str) -> None:
    done = CliRunner().invoke(app, ["verify", *words, "--json"])
    assert (done.exit_code, json.loads(done.stdout)["error"]["reference"]) == (2, reference)


def test_a_page_of_an_endpoint_leads_there_and_the_command_shown_does_too(
    room: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = CliRunner().invoke
    assert run(app, ["endpoint", "add", "room", room.hub.url]).exit_code == 0
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    (room.snapshot / "model.safetensors").resolve().write_bytes(BIG[:-1] + b"?")
    done = run(app, ["verify", f"{room.hub.url}/ada/model"])
    assert f"--endpoint {room.hub.url} --repair" in done.stdout
    done = run(app, ["verify", f"{room.hub.url}/ada/model", "--repair"])
    assert done.exit_code == 0, done.output


def test_a_revision_that_is_not_there_is_told_with_those_that_are(room: Fetched) -> None:
    room.fetch(local_dir=room.folder)
    words = ["verify", "ada/model", "--local-dir", str(room.folder), "--revision", "mian"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1
    assert "--revision main" in done.stderr
