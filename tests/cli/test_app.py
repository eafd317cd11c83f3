"""The command line as a whole: help that can be read, misuse that is told, an end that waits for nobody."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from hfpush.cli.app import app

COMMANDS = (
    *([], ["publish"], ["fetch"], ["audit"], ["fix"], ["track"], ["try"], ["hub"], ["hub", "serve"]),
    *(["hook"], ["hook", "install"], ["hook", "uninstall"], ["hook", "status"]),
    *(["endpoint"], *(["endpoint", name] for name in ("ls", "add", "rm", "use", "trust", "test"))),
    *(["lfs"], ["lfs", "install"], ["lfs", "uninstall"], ["lfs", "status"]),
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: " ".join(words) or "hfpush")
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_command_has_a_help_of_plain_lines(command: list[str], flag: str) -> None:
    done = CliRunner().invoke(app, [*command, flag], env={"COLUMNS": "80"})
    assert done.exit_code == 0
    assert done.stdout.isascii()
    assert "..." not in done.stdout.replace("[ARGS]...", "").replace("[FILES]...", "").replace("[NAMES]...", ""), (
        "no sentence is cut"
    )
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    assert "\x1b" not in done.stdout


def test_the_help_says_what_the_exit_codes_mean_and_gives_examples() -> None:
    assert "Exit codes: 0 done" in CliRunner().invoke(app, ["-h"]).stdout
    for command in ("publish", "fetch"):
        words = CliRunner().invoke(app, [command, "-h"]).stdout
        assert f"\n    hfpush {command} ada/" in words or f"\n    hfpush {command} my-" in words


def test_the_version_is_on_stdout() -> None:
    done = CliRunner().invoke(app, ["--version"])
    assert (done.exit_code, done.stdout.split()[0], done.stderr) == (0, "hfpush", "")


MISUSED: list[tuple[list[str], str]] = [
    (["publsh"], "No such command 'publsh'"),
    (["publish", "--nope"], "--nope"),
    (["publish", "--jobs"], "--jobs"),
    (["publish", "--jobs", "many"], "--jobs"),
    (["publish", "a", "b"], "b"),
    (["fetch"], "REPO"),
    (["hub", "serve", "--port", "99999"], "65535"),
    (["hub", "serve", "--url-ttl", "0"], "--url-ttl"),
    (["try", "harder"], "harder"),
]


@pytest.mark.parametrize(("words", "named"), MISUSED, ids=[" ".join(words) for words, _ in MISUSED])
def test_a_wrong_command_line_ends_with_2_and_names_what_is_wrong(words: list[str], named: str) -> None:
    done = CliRunner().invoke(app, words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert named in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [[], ["hub"]])
def test_a_command_without_a_word_shows_its_help(words: list[str]) -> None:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert "Usage: " in done.stdout + done.stderr


WAITS = """
import sys, threading, time
threading.Thread(target=time.sleep, args=(60,)).start()
sys.argv = ["hfpush", *sys.argv[1:]]
from hfpush.cli import main
main()
"""


def test_the_end_waits_for_no_thread_that_waits_for_a_server() -> None:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", WAITS, "--version"], capture_output=True, text=True, timeout=50, check=False
    )
    assert (done.returncode, done.stdout.split()[0]) == (0, "hfpush")
    assert time.monotonic() - began < 40


def test_hfpush_is_also_a_module(shell: Callable[..., subprocess.CompletedProcess[bytes]]) -> None:
    assert shell("$hfpush --version").stdout.startswith(b"hfpush ")


HEAVY = ("aiohttp", "huggingface_hub", "git", "requests", "urllib3", "yaml", "tenacity", "filelock", "platformdirs")
LOADED = f"""
import sys, atexit
atexit.register(lambda: print([name for name in {HEAVY!r} if name in sys.modules]))
from hfpush.cli import main
main()
"""


@pytest.mark.parametrize("word", ["--version", "publsh"])
def test_what_only_a_command_needs_is_loaded_when_it_is_run(word: str) -> None:
    done = subprocess.run([sys.executable, "-c", LOADED, word], capture_output=True, text=True, timeout=50, check=False)
    assert done.stdout.splitlines()[-1] == "[]", done
