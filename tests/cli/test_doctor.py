"""`hfpush doctor` on the command line: its options, what they print, and the code it ends with."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.tcp_door import closed_port
from typer.testing import CliRunner, Result

from hfpush.cli.app import app
from hfpush.localhub import LocalHub


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHub]:
    with LocalHub(root=tmp_path_factory.mktemp("hub")) as hub:
        hub.create("local/model")
        yield hub


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HFPUSH_STATE_DIR", str(tmp_path / "state"))


def run(*words: str, given: str | None = None, code: int = 0) -> Result:
    done = CliRunner().invoke(app, ["doctor", *words], input=given)
    assert done.exit_code == code, done.output
    return done


def test_all_is_well_is_the_first_line(hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", hub.token)
    done = run("--endpoint", hub.url, "--repo", "local/model")
    assert done.stdout.splitlines()[0].startswith(f"all is well: {hub.url}, local/model (")
    assert hub.token not in done.output


def test_what_is_broken_ends_with_one_and_a_document_has_every_fact() -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    document = json.loads(run("--json", "--endpoint", url, "--repo", "a/b", code=1).stdout)
    assert document["findings"][0]["reference"] == "connection-refused"
    assert document["facts"]["dials"][0]["outcome"] == "refused"
    assert not document["well"]


def test_a_report_is_replayed_and_bundled(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    (tmp_path / "report.json").write_text(run("--json", "--endpoint", url, code=1).stdout)
    again = run("--replay", "report.json", "--bundle", code=1)
    assert "connection-refused" in again.stdout
    (bundle,) = tmp_path.glob("hfpush-doctor-*.zip")
    assert str(bundle) in again.stderr
    with zipfile.ZipFile(bundle) as files:
        assert json.loads(files.read("report.json"))["findings"][0]["reference"] == "connection-refused"


def test_a_log_comes_from_a_file_or_a_pipe(tmp_path: Path) -> None:
    said = "fatal: unable to access 'https://hf.test/a/b/': Could not resolve host: hf.test\n"
    (tmp_path / "push.log").write_text(said)
    for words, given in ((("--log", "push.log"), None), (("--log", "-"), said)):
        assert "name-unresolved" in run("--offline", *words, given=given, code=1).stdout


def test_offline_says_that_it_asked_nobody() -> None:
    assert "in what can be read offline" in run("--offline").stdout


def test_a_reference_is_explained() -> None:
    assert run("--explain", "tls-untrusted").stdout.startswith("tls-untrusted\n")


@pytest.mark.parametrize(
    ("words", "code", "reference"),
    [
        (("--for", "fun"), 2, "doctor-purpose"),
        (("--explain", "tls-untrustd"), 2, "reference-unknown"),
        (("--replay", "none.json"), 1, "report-unreadable"),
        (("--log", "none.log"), 1, "log-unreadable"),
        (("--repo", "a/b/c/d"), 2, "repo-id-invalid"),
        (("--endpoint", "nowhere at all"), 2, "endpoint-unknown"),
    ],
)
def test_what_cannot_be_is_one_finding(words: tuple[str, ...], code: int, reference: str) -> None:
    assert reference in run(*words, code=code).output
