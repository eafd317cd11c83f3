"""Doctor where little is as it should be: an answer and an exit code, no traceback, and an end when it is asked to."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from support.command_line import git, make_repo
from support.hostile_server import HostileServer
from support.tcp_door import closed_port

pytestmark = pytest.mark.needs("git")
DOCTOR = (sys.executable, "-m", "hfpush", "doctor")


def surroundings(**more: str) -> dict[str, str]:
    nobody = {"HF_ENDPOINT": f"http://127.0.0.1:{closed_port()}", "HFPUSH_STATE_DIR": f"{os.environ['HOME']}/state"}
    return {**os.environ, **nobody, **more}


def ended(*words: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*DOCTOR, *words],
        cwd=cwd,
        env=surroundings(**more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    assert "mistake in hfpush" not in done.stdout + done.stderr, done.stderr
    return done


@pytest.mark.rare
@pytest.mark.parametrize(
    ("words", "code", "reference"),
    [
        (("--log", "none"), 1, "log-unreadable"),
        (("--log", "."), 1, "log-unreadable"),
        (("--for", "nonsense"), 2, "doctor-purpose"),
        (("--explain", "nonsense"), 2, "reference-unknown"),
        (("none",), 2, "path-missing"),
        (("file",), 2, "path-is-file"),
        (("--replay", "none"), 1, "report-unreadable"),
        (("--replay", "."), 1, "report-unreadable"),
        (("--replay", "file"), 2, "report-unreadable"),
        (("--repo", "a/b/c/d"), 2, "repo-id-invalid"),
        (("--endpoint", "ftp://x"), 2, "endpoint-invalid"),
        (("--endpoint", "nobody"), 2, "endpoint-unknown"),
    ],
)
def test_what_cannot_be_asked_is_told(words: tuple[str, ...], code: int, reference: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\0\xff")
    done = ended(*words, "--offline", cwd=tmp_path)
    assert done.returncode == code
    assert done.stderr.startswith(f"error: {reference}\n")


DEEP = '{"facts": {"question": ' + "[" * 100_000 + "]" * 100_000 + "}}"
REPORTS = ("[]", "{}", '{"facts": []}', '{"facts": {}}', '{"facts": {"question": null}}', '{"facts": {"que', DEEP)


@pytest.mark.rare
@pytest.mark.parametrize("text", REPORTS, ids=range(len(REPORTS)))
def test_what_is_no_report_is_not_replayed(text: str, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(text)
    done = ended("--replay", "report.json", cwd=tmp_path)
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "error: report-unreadable")


@pytest.mark.slow
def test_a_report_of_a_newer_version_is_read_as_far_as_it_is_understood(tmp_path: Path) -> None:
    report: dict[str, Any] = json.loads(ended("--json", "--offline").stdout)
    report["report"], report["hfpush"], report["more"] = 99, "99.9", [1]
    report["facts"]["telepathy"] = {"a": 1}
    report["facts"]["dials"] = [{"thoughts": 5}]
    (tmp_path / "report.json").write_text(json.dumps(report))
    done = ended("--replay", "report.json", cwd=tmp_path)
    assert done.returncode == 0
    assert "1 fact of another version" in done.stderr
    report["facts"]["question"]["purpose"] = "thinking"
    (tmp_path / "report.json").write_text(json.dumps(report))
    done = ended("--replay", "report.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "hfpush 99.9, which is newer" in done.stderr


def bare(place: Path) -> Path:
    git(place, "init", "-q", "--bare", "bare")
    return place / "bare"


def without_head(place: Path) -> Path:
    git(place, "init", "-q", "repo")
    (place / "repo/.git/HEAD").unlink()
    return place / "repo"


def damaged(place: Path) -> Path:
    repo = make_repo(place / "repo", {}, {"a.txt": b"a"})
    for file in (repo / ".git/objects").glob("??/*"):
        file.chmod(0o644)
        file.write_bytes(b"")
    return repo


def plain(place: Path) -> Path:
    (place / "folder").mkdir()
    return place / "folder"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "code", "reference"),
    [(plain, 0, ""), (bare, 0, ""), (without_head, 1, "repo-damaged"), (damaged, 1, "repo-damaged")],
)
def test_a_folder_of_any_kind_is_looked_at(
    make: Callable[[Path], Path], code: int, reference: str, tmp_path: Path
) -> None:
    done = ended(str(make(tmp_path)), "--offline", "--json")
    document = json.loads(done.stdout)
    assert done.returncode == code
    assert [one["reference"] for one in document["findings"] if one["severity"] == "error"] == [reference] * bool(code)


@pytest.mark.slow
def test_a_folder_that_is_gone_is_nobodys_business(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    words = f"cd {tmp_path}/gone && rmdir ../gone && exec {sys.executable} -m hfpush doctor --offline"
    done = subprocess.run(["sh", "-c", words], env=surroundings(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_without_any_program_without_a_home_and_without_a_place_for_notes_there_is_an_answer(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(trustme.CA().cert_pem.bytes())
    done = ended(
        "--json",
        PATH=str(tmp_path),
        HOME="/proc/none",
        HFPUSH_STATE_DIR="/proc/none/state",
        SSL_CERT_FILE=str(tmp_path / "ca.pem"),
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)["findings"][0]["reference"] == "connection-refused"


@pytest.mark.slow
@pytest.mark.needs("unshare")
def test_without_any_network_there_is_an_answer() -> None:
    if subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no namespaces here")
    done = subprocess.run(
        ["unshare", "-n", *DOCTOR, "--json", "--repo", "ada/model"],
        env=surroundings(HF_ENDPOINT="https://hf.test"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    document = json.loads(done.stdout)
    assert document["findings"][0]["severity"] == "error"
    assert document["seconds"] < 20


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("words", [(), ("--log", "-")])
def test_a_signal_ends_it_at_once(number: int, code: int, words: tuple[str, ...]) -> None:
    with HostileServer("silence").running() as server:
        process = subprocess.Popen(
            [*DOCTOR, "--repo", "ada/model", *words],
            env=surroundings(HF_ENDPOINT=server.url),
            stdin=subprocess.PIPE,  # and nobody writes into it
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        end = time.monotonic() + 30
        while not server.asked and time.monotonic() < end:
            time.sleep(0.02)
        began = time.monotonic()
        process.send_signal(number)
        process.wait(30)
        took = time.monotonic() - began
        out, err = process.communicate(timeout=30)
    assert process.returncode == code, err
    assert out == ""
    assert "Traceback" not in err
    assert "Fatal" not in err
    assert took < 5, "a second, on a machine that has nothing else to do"


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_error() -> None:
    if not shutil.which("head"):
        pytest.skip("no head")
    words = f"{sys.executable} -m hfpush doctor --offline --verbose 2>err | head -1"
    place = os.environ["HOME"]
    done = subprocess.run(["sh", "-c", words], cwd=place, env=surroundings(), capture_output=True, check=False)
    assert done.returncode == 0
    assert Path(place, "err").read_text() == ""


@pytest.mark.slow
def test_a_terminal_of_forty_columns_is_enough() -> None:
    from hfpush.cli.doctor_text import report_lines
    from hfpush.diagnose.report_reading import read_report

    report = read_report(ended("--json").stdout.encode(), "it")
    for line in report_lines(report, width=40):
        words = line.plain.split()
        assert len(line.plain) <= 40 or len(max(words, key=len)) > 12 or "try" in words, line.plain
