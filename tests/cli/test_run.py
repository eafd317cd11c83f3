from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

WORDS = (sys.executable, "-m", "hfpush", "run")


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*WORDS, *words], env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, input="in\n"
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--", "sh", "-c", "exit 7"), 7),
        (("sh", "-c", "exit 7"), 7),
        (("--", "sh", "-c", "kill -9 $$"), 137),
        (("--endpoint", "hf", "--", "true"), 0),
    ],
)
def test_the_exit_code_is_the_command_s_and_nothing_is_said(words: tuple[str, ...], code: int) -> None:
    done = run(*words)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


def test_the_streams_are_the_command_s_own() -> None:
    done = run("--", "sh", "-c", "cat; echo out; echo err >&2")
    assert (done.stdout, done.stderr) == ("in\nout\n", "err\n")


def test_an_option_of_the_command_is_not_ours() -> None:
    done = run("sh", "-c", 'echo "$@"', "sh", "--endpoint", "-h")
    assert done.stdout == "--endpoint -h\n"


def test_a_command_that_is_not_there_is_127_with_a_finding() -> None:
    done = run("--", "no-such-command")
    assert done.returncode == 127
    assert done.stderr.startswith("error: command-missing\n")


@pytest.mark.parametrize("words", [(), ("--",), ("--endpoint", "hf")])
def test_without_a_command_there_is_a_word_about_how_it_is_used(words: tuple[str, ...]) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert "hfpush run -- git push" in done.stderr


def test_the_environment_is_shown_without_its_secret() -> None:
    done = run("--print-env", LD_PRELOAD="/nowhere/libproxychains.so.4", PROXYCHAINS_CONF_FILE="/x")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert "PROXYCHAINS_CONF_FILE is taken away" in lines
    assert any(line.startswith("https_proxy=http://***@127.0.0.1:") for line in lines)
    assert "hfpush:" not in done.stdout


def test_the_secret_is_in_no_argument_list() -> None:
    """Not even while git runs, which starts others."""
    script = """
import os, pathlib, sys
print(os.environ["https_proxy"], file=sys.stderr)
for each in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
    try:
        print(each.read_bytes())
    except OSError:  # it has ended
        pass
"""
    done = run("--", sys.executable, "-c", script)
    secret = done.stderr.strip().split(":")[2].partition("@")[0]
    assert len(secret) == 40
    assert "https_proxy" in done.stdout, "they were read"
    assert secret not in done.stdout


def test_findings_are_told_after_the_command(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import urllib.request as u\n"
        "try:\n    u.build_opener(u.ProxyHandler()).open('http://hub.test/', timeout=20)\n"
        "except u.HTTPError as error:\n    print(error.code, error.reason)\n"
    )
    done = run("--", sys.executable, str(program), http_proxy="http://127.0.0.1:1")
    assert done.stdout.startswith("502 proxy-")
    assert done.stderr.startswith("warning: proxy-")
    assert "asked for by Python-urllib/" in done.stderr


def test_a_log_has_each_connection_and_no_secret(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    script = "import os, urllib.request as u; print(os.environ['http_proxy']); u.urlopen('http://hub.test/x?y=z')"
    done = run("--log", str(log), "--", sys.executable, "-c", script, http_proxy="http://ada:secret@127.0.0.1:1")
    assert done.returncode == 1
    text = log.read_text()
    assert "a request to hub.test:80 for Python-urllib/" in text
    assert "through http://127.0.0.1:1 (http_proxy)" in text
    assert "ERROR proxy-" in text
    assert log.stat().st_mode & 0o777 == 0o600
    for secret in ("secret", "y=z", done.stdout.split(":")[2].partition("@")[0]):
        assert secret not in text


def test_it_costs_little_when_nothing_is_to_be_carried() -> None:
    began = time.monotonic()
    assert run("--", "true").returncode == 0
    assert time.monotonic() - began < 10  # a third of a second on a quiet machine
