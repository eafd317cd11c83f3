"""Bars on a terminal, lines elsewhere, nothing when it is to be quiet."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from hfpush.cli.progress import Progressing
from hfpush.errors import Unavailable
from hfpush.findings import Finding
from hfpush.net.news import SENDING, Moving, Noticed, Stalled
from hfpush.net.trace import Trace

WHY = Finding("storage-unavailable", "The storage server does not take data at the moment.")


def until(true: Callable[[], bool]) -> bool:
    """Whether it comes true within ten seconds: another thread draws."""
    end = time.monotonic() + 10
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


def transfer(progress: Progressing) -> None:
    progress.stage("reading the folder")
    progress.read(5000)
    progress.begin(1000)
    progress.started("a", "a.bin", 1000, 100)
    progress.moved("a", 400)


def test_a_terminal_has_bars_which_are_gone_in_the_end(terminal: Callable[[int], Console]) -> None:
    console = terminal(80)
    assert isinstance(console.file, io.StringIO)
    screen = console.file
    with Progressing("sending", terminal=console) as progress:
        transfer(progress)
        assert until(lambda: "500 B of 1.0 kB" in screen.getvalue())
        assert until(lambda: "a.bin" in screen.getvalue())
        progress.finished("a")
        assert until(lambda: "1.0 kB of 1.0 kB" in screen.getvalue())
    assert screen.getvalue().rstrip("\r\n").endswith("\x1b[2K"), "the last row is erased"
    assert screen.getvalue().count("\x1b[?25l") == screen.getvalue().count("\x1b[?25h"), "the cursor is back"


def test_bars_make_room_for_what_is_printed(terminal: Callable[[int], Console]) -> None:
    console = terminal(80)
    assert isinstance(console.file, io.StringIO)
    screen = console.file
    with Progressing("sending", terminal=console) as progress:
        transfer(progress)
        assert until(lambda: "sending" in screen.getvalue())
        with progress.aside():
            at = len(screen.getvalue())
            progress.moved("a", 100)
            time.sleep(0.3)  # two frames long, in which nothing may be drawn
            assert len(screen.getvalue()) == at
        assert until(lambda: "600 B of 1.0 kB" in screen.getvalue())


def test_a_wait_is_a_countdown_on_a_terminal(
    terminal: Callable[[int], Console], capsys: pytest.CaptureFixture[str]
) -> None:
    console = terminal(80)
    assert isinstance(console.file, io.StringIO)
    screen = console.file
    with Progressing("sending", terminal=console) as progress:
        transfer(progress)
        progress.waiting(8.0, WHY)
        assert until(lambda: "waiting 8 s: The storage" in screen.getvalue())
        assert until(lambda: "waiting 7 s: The storage" in screen.getvalue())
    assert capsys.readouterr().err == ""


def test_elsewhere_a_line_comes_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    said: list[str] = []

    def has(text: str) -> bool:
        said.append(capsys.readouterr().err)
        return text in "".join(said)

    with Progressing("sending", line_seconds=0.05) as progress:
        progress.stage("reading the folder")
        progress.read(5000)
        assert until(lambda: has("reading the folder, 5.0 kB\n"))
        progress.begin(1000)
        progress.started("a", "a.bin", 1000, 100)
        progress.moved("a", 400)
        assert until(lambda: has("sending 50%, 500 B of 1.0 kB, "))
        progress.stage("pushing the commits")
        assert until(lambda: has("pushing the commits\n"))
    assert "\x1b" not in "".join(said)
    capsys.readouterr()
    time.sleep(0.15)
    assert capsys.readouterr().err == "", "nothing comes after the end"


def test_elsewhere_a_short_command_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Progressing("sending") as progress:
        transfer(progress)
    assert capsys.readouterr() == ("", "")


def test_elsewhere_thirty_workers_that_wait_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with Progressing("sending") as progress:
        for _ in range(30):
            progress.waiting(8.0, WHY)
        progress.waiting(1.0, Finding("x", "Another thing."))
    assert capsys.readouterr().err.splitlines() == [
        "The storage server does not take data at the moment. Trying again in 8.0 s.",
        "Another thing. Trying again in 1.0 s.",
    ]


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str], terminal: Callable[[int], Console]) -> None:
    console = terminal(80)
    assert isinstance(console.file, io.StringIO)
    for given in (None, console):
        with Progressing("sending", quiet=True, terminal=given, line_seconds=0.01) as progress:
            transfer(progress)
            progress.waiting(8.0, WHY)
            with progress.aside():
                time.sleep(0.05)
    assert capsys.readouterr() == ("", "")
    assert console.file.getvalue() == ""


def test_a_log_file_gets_no_bars_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with Progressing("sending", line_seconds=0.02) as progress:
        transfer(progress)
        time.sleep(0.1)
    assert "\x1b" not in capsys.readouterr().err


def test_a_failure_inside_passes_through(terminal: Callable[[int], Console]) -> None:
    with pytest.raises(KeyError), Progressing("sending", terminal=terminal(80)):
        raise KeyError


STALL = Stalled("s3.example", SENDING, 12.0, 1, "storage host", 16_000_000, 4_000_000)


def test_a_stall_is_a_line_over_the_bars_on_a_terminal(
    terminal: Callable[[int], Console], capsys: pytest.CaptureFixture[str]
) -> None:
    console = terminal(80)
    assert isinstance(console.file, io.StringIO)
    screen = console.file
    with Progressing("sending", terminal=console) as progress:
        transfer(progress)
        assert until(lambda: "500 B of 1.0 kB" in screen.getvalue())
        progress.news(STALL)
        assert until(lambda: "500 B of 1.0 kB" in screen.getvalue().rpartition("\x1b[?25l")[2]), "the bars are back"
    assert capsys.readouterr().err == f"{STALL.text}\n"


def test_elsewhere_a_stall_its_end_and_a_note_are_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with Progressing("sending") as progress:
        progress.news(STALL)
        progress.news(Moving("s3.example", 15.0, "storage host"))
        progress.news(Noticed(Finding("mtu-black-hole", "Large packets get lost.", severity="note")))
    assert capsys.readouterr().err.splitlines() == [
        "storage host s3.example: sending, nothing acknowledged for 12 s; 4.0 MB of 16.0 MB of this part are there",
        "storage host s3.example: moving again after 15 s",
        "note: mtu-black-hole",
        "  Large packets get lost.",
    ]


def test_a_remark_is_a_line_and_traced_and_none_when_it_is_to_be_quiet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for quiet in (False, True):
        trace = Trace.open(tmp_path / "log")
        with Progressing("sending", quiet=quiet, trace=trace) as progress:
            progress.remark("through hf")
        trace.close()
    assert capsys.readouterr().err == "through hf\n"
    assert [line[10:] for line in (tmp_path / "log").read_text().splitlines()] == ["through hf", "through hf"]


def test_an_interrupted_transfer_says_what_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> None:
        with Progressing("sending") as progress:
            transfer(progress)
            progress.paused(300)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert capsys.readouterr().err == "300 B of 1.0 kB have arrived, and are kept\n"


@pytest.mark.parametrize(("error", "quiet"), [(ValueError, False), (KeyboardInterrupt, True)])
def test_another_end_and_a_quiet_one_say_nothing_of_it(
    error: type[BaseException], quiet: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    def ended() -> None:
        with Progressing("sending", quiet=quiet) as progress:
            transfer(progress)
            if quiet:
                progress.news(STALL)
            raise error

    with pytest.raises(error):
        ended()
    assert capsys.readouterr().err == ""


def test_stages_and_waits_are_traced(tmp_path: Path) -> None:
    trace = Trace.open(tmp_path / "log")
    with Progressing("sending", quiet=True, trace=trace) as progress:
        progress.stage("reading the folder")
        progress.waiting(8.0, WHY)
    trace.close()
    assert [line[10:] for line in (tmp_path / "log").read_text().splitlines()] == [
        "reading the folder",
        f"waits 8.0 s, then tries again: storage-unavailable: {WHY.message}",
    ]


def test_what_a_quiet_run_does_not_say_is_kept_for_its_document(capsys: pytest.CaptureFixture[str]) -> None:
    note = Finding("mtu-black-hole", "Large packets get lost.", severity="note")
    with Progressing("sending", quiet=True) as progress:
        progress.news(STALL)
        progress.news(Noticed(note))
    assert progress.unsaid == (note,)
    assert capsys.readouterr().err == ""


def test_what_a_quiet_run_did_not_say_goes_along_with_its_failure() -> None:
    note = Finding("mtu-black-hole", "Large packets get lost.", severity="note")

    def failing() -> None:
        with Progressing("sending", quiet=True) as progress:
            progress.news(Noticed(note))
            raise Unavailable(WHY)

    with pytest.raises(Unavailable) as caught:
        failing()
    assert caught.value.also == (note,)
