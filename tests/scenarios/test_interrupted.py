"""A publish on a real terminal, and how it ends when somebody wants it to: at once, in order, and ready to go on."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.command_line import CommandLine, git, make_repo
from support.screen import PATIENT, Screen
from support.slowly import mostly_slow

from hfpush.localhub import Fault, LocalHub, delay, slow, status

PARTS = {"part_size": 100_000, "multipart_threshold": 200_000}


@pytest.fixture
def screens() -> Iterator[ExitStack]:
    """Whatever enters it is closed in the end."""
    with ExitStack() as opened:
        yield opened


def publishing(hfpush: CommandLine, repo: Path, screens: ExitStack) -> Screen:
    command = hfpush.command("publish", str(repo), "--to", "local/model")
    return screens.enter_context(Screen(command, hfpush.environment))


def test_a_terminal_shows_bars_and_in_the_end_the_report_alone(tmp_path: Path, home: Path, screens: ExitStack) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(4_200_000)})
    with LocalHub(slow(rate=500_000), root=tmp_path / "hub", **PARTS) as hub:
        screen = publishing(CommandLine(home, hub), repo, screens)
        assert screen.until(lambda text: re.search(r"sending .*\d+\.\d MB of 4\.2 MB", text))
        assert screen.end() == 0
    drawn, report = screen.text.rsplit("\x1b[?25h", 1)
    assert "a.bin" in drawn
    assert report.replace("\r\x1b[1A\x1b[2K", "").lstrip("\r\x1b[2K").startswith("published in ")
    assert "\x1b" not in report[report.index("published") :]
    assert max(float(done) for done in re.findall(r"(\d+\.\d) MB of 4\.2 MB", drawn)) <= 4.2


def test_a_wait_that_the_server_asks_for_is_counted_down_and_ctrl_c_ends_it(
    tmp_path: Path, home: Path, screens: ExitStack
) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(50_000)})
    with LocalHub(status(429, on="put", retry_after=60), root=tmp_path / "hub") as hub:
        hfpush = CommandLine(home, hub)
        screen = publishing(hfpush, repo, screens)
        assert screen.until(lambda text: "waiting 1 min 00 s: The storage server" in text or "waiting 59 s" in text)
        assert screen.until(lambda text: "waiting 58 s: The storage server" in text)
        pressed = time.monotonic()
        screen.press(b"\x03")
        assert screen.end() == 130
        assert time.monotonic() - pressed < 10
        assert "interrupted; run the same command again; it goes on where it was" in screen.text
        assert screen.text.count("\x1b[?25l") == screen.text.count("\x1b[?25h"), "the cursor is back"
        assert "Traceback" not in screen.text
        assert hfpush.publish(repo).code == 0


ASKING = ([delay(60, on="info")], "asking the endpoint")
LOOKING = ([delay(60, on="batch")], "asking what the Hub has")
SENDING = ([slow(rate=20_000)], "sending")
PUSHING = ([delay(60, on="git-push")], "pushing the commits")
ENDS: list[tuple[str, str, list[Fault], str]] = [
    (f"{how} while {shown}", how, faults, shown)
    for how, (faults, shown) in (
        *(("ctrl-c", moment) for moment in (ASKING, LOOKING, SENDING, PUSHING)),
        *(("SIGTERM", PUSHING), ("SIGHUP", SENDING)),
    )
]
OFTEN = {"ctrl-c while sending", "SIGTERM while pushing the commits"}


@pytest.mark.parametrize(("case", "how", "faults", "shown"), mostly_slow(ENDS, quick=OFTEN))
def test_it_ends_at_once(
    case: str,
    how: str,
    faults: list[Fault],
    shown: str,
    tmp_path: Path,
    home: Path,
    screens: ExitStack,
) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(150_000)})
    with LocalHub(*faults, root=tmp_path / "hub") as hub:
        hfpush = CommandLine(home, hub)
        screen = publishing(hfpush, repo, screens)
        assert screen.until(lambda text: shown in text)
        time.sleep(0.3)  # a moment into it; nothing depends on how long
        pressed = time.monotonic()
        if how == "ctrl-c":
            screen.press(b"\x03")
        else:
            screen.process.send_signal(getattr(signal, how))
        code = screen.end()
        assert time.monotonic() - pressed < 10
        assert code == {"ctrl-c": 130, "SIGTERM": 143, "SIGHUP": 129}[how]
        assert "it goes on where it was" in screen.text
        assert "Traceback" not in screen.text
        assert children_of(home, "git", "push") == [], "no git goes on behind our back"
        hub.faults.clear()
        assert hfpush.publish(repo).code == 0


def children_of(home: Path, *words: str) -> list[str]:
    """Command lines of processes that have this home, and these words."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            surroundings, line = (process / "environ").read_bytes(), (process / "cmdline").read_bytes()
        except OSError:
            continue
        if str(home).encode() in surroundings and set(words) <= set(line.decode("utf-8", "replace").split("\0")):
            found.append(line.replace(b"\0", b" ").decode("utf-8", "replace"))
    return found


def test_under_nohup_a_closed_terminal_does_not_end_it(tmp_path: Path, home: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(150_000)})
    with LocalHub(slow(rate=150_000), root=tmp_path / "hub") as hub:
        hfpush = CommandLine(home, hub)
        process = subprocess.Popen(
            ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *hfpush.command("publish", str(repo), "--to", "local/model")],
            env=hfpush.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + PATIENT
        while hub.seen.count("batch") == 0 and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(signal.SIGHUP)
        assert process.wait(PATIENT) == 0
        assert git(tmp_path, "ls-remote", f"{hub.url}/local/model", "refs/heads/main").split()[0] == git(
            repo, "rev-parse", "HEAD"
        )


@pytest.mark.slow
def test_elsewhere_than_on_a_terminal_a_line_comes_every_five_seconds(tmp_path: Path, home: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(50_000)})
    with LocalHub(delay(6.0, on="batch", times=1), root=tmp_path / "hub") as hub:
        said = CommandLine(home, hub).run("publish", str(repo), "--to", "local/model")
    assert said.code == 0, said
    assert re.fullmatch(r"asking what the Hub has, \d\.0 s", said.err.splitlines()[0])
    assert said.out.startswith("published in ")
