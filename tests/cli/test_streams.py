"""Standard streams that are closed, full, read by nobody, or of another encoding."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hfpush.cli import streams

Shell = Callable[..., subprocess.CompletedProcess[bytes]]
NOWHERE = "$hfpush publish nowhere --to ada/x"  # says one finding and ends with 2
FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        pytest.param(f"{NOWHERE} >&-", 2, marks=pytest.mark.slow),
        (f"{NOWHERE} 2>&-", 2),
        pytest.param(f"{NOWHERE} <&-", 2, marks=pytest.mark.slow),
        (f"{NOWHERE} <&- >&- 2>&-", 2),
        pytest.param(f"{NOWHERE} --json 2>&-", 2, marks=pytest.mark.slow),
        (f"{NOWHERE} --json >&-", 2),
        ("$hfpush --version >&-", 0),
    ],
)
def test_a_closed_stream_changes_nothing_but_that_nobody_reads_it(line: str, code: int, shell: Shell) -> None:
    done = shell(line)
    assert done.returncode == code, done
    assert b"Traceback" not in done.stderr
    closed = [b"path-missing" in done.stdout, b"path-missing" in done.stderr]
    assert not closed[1] or "2>&-" not in line
    assert not closed[0] or "--json" in line, "talk never goes to stdout"


@FULL
def test_a_full_disk_under_stderr_loses_the_talk_and_nothing_else(shell: Shell) -> None:
    done = shell(f"{NOWHERE} --json 2>/dev/full")
    assert (done.returncode, json.loads(done.stdout)["error"]["reference"]) == (2, "path-missing")
    assert shell(f"{NOWHERE} 2>/dev/full").returncode == 2


@FULL
def test_a_result_that_cannot_be_written_is_one_finding(shell: Shell) -> None:
    for words in ("--version", "--help", "publish --help"):
        done = shell(f"$hfpush {words} >/dev/full")
        assert (done.returncode, done.stderr.splitlines()[0]) == (1, b"error: output-unwritable"), words
        assert b"Traceback" not in done.stderr
    done = shell(f"{NOWHERE} --json >/dev/full")
    assert done.returncode == 2, "the command's own end counts"
    assert done.stderr.splitlines()[0] == b"error: output-unwritable"


def test_a_reader_that_has_enough_is_no_failure(shell: Shell) -> None:
    done = shell(f"{{ {NOWHERE} --json; echo $? >&3; }} 3>&2 | true")
    assert done.stderr == b"2\n"
    done = shell(f"{{ {NOWHERE} 2>&1; echo $? >&3; }} 3>&2 | true")
    assert done.stderr == b"2\n"


@pytest.mark.parametrize(
    "encoding", ["ascii", *(pytest.param(name, marks=pytest.mark.slow) for name in ("latin-1", "utf-8"))]
)
def test_no_encoding_stands_in_the_way(encoding: str, shell: Shell) -> None:
    settings = {"PYTHONIOENCODING": encoding, "LC_ALL": "C", "PYTHONUTF8": "0"}
    done = shell("$hfpush publish 'n\u00f6where\U0001f600' --to ada/x --json", **settings)
    assert json.loads(done.stdout)["error"]["reference"] == "path-missing"
    done = shell("$hfpush publish 'n\u00f6where\U0001f600' --to ada/x", **settings)
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, b"error: path-missing")


def test_a_stream_in_memory_is_a_stream(capsys: pytest.CaptureFixture[str]) -> None:
    streams.settle()
    streams.write_result("result\n")
    streams.write_talk("talk\n")
    streams.flush()
    assert capsys.readouterr() == ("result\n", "talk\n")
