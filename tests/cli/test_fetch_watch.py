"""A fetch on the screen: events become bars, the report a few lines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hfpush.cli.fetch_watch import FetchWatch, dropped, report_lines
from hfpush.cli.progress import Progressing
from hfpush.commands.fetch_report import FetchedFile, FetchReport, Share
from hfpush.findings import Finding
from hfpush.net.news import Noticed
from hfpush.receive.events import Bytes, Dropped, FileDone, FileStarted, Heard, Planned, Waiting

GONE = Finding("stalled", "Nothing moves on any connection.", ("it stood still for 30 s",))


def report(*files: FetchedFile, wire: int = 0) -> FetchReport:
    size = sum(file.size for file in files)
    return FetchReport(
        "ada/model", "https://hub.example/ada/model", "main", "0123456789abcdef", Path("x"), files, wire, size, 2.0, ()
    )


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        (
            report(FetchedFile("a", 1000, "fetched"), FetchedFile("b", 500, "resumed"), wire=1200),
            [
                "ada/model at 0123456789: 2 files, 1.5 kB, each verified",
                "  1 fetched, 1 resumed; 1.2 kB on the wire in 2.0 s",
            ],
        ),
        (
            report(FetchedFile("a", 1000, "kept")),
            ["ada/model at 0123456789: 1 file, 1.0 kB, each verified", "  1 already here; 0 B on the wire in 2.0 s"],
        ),
        (
            report(),
            ["ada/model at 0123456789: 0 files, 0 B, each verified", "  nothing to fetch; 0 B on the wire in 2.0 s"],
        ),
    ],
)
def test_a_report_is_two_lines(given: FetchReport, lines: list[str]) -> None:
    assert report_lines(given) == lines


def test_with_several_sources_a_third_line_says_what_each_brought() -> None:
    shares = (Share("hf", 750), Share("mirror", 250), Share("dead", 0, GONE))
    given = replace(report(FetchedFile("a", 1000, "fetched"), wire=1000), shares=shares)
    assert report_lines(given)[2:] == ["  750 B from hf (75%), 250 B from mirror (25%)"]
    assert report_lines(replace(given, shares=shares[1:]))[2:] == []


def test_a_source_that_was_left_out_is_a_note_with_why() -> None:
    (note,) = dropped(replace(report(), shares=(Share("hf", 5), Share("mirror", 250, GONE))))
    assert (note.reference, note.severity) == ("source-dropped", "note")
    assert note.message.startswith("mirror was left out")
    assert note.evidence == ("stalled: Nothing moves on any connection.", "it stood still for 30 s")


def test_events_become_bars_and_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with Progressing("fetching") as progress:
        watch = FetchWatch(progress)
        watch(Planned(3, 3000, 1500))
        watch(FileDone("here", 1000, "kept"))
        watch(FileStarted("half", 1000, 500))
        watch(Bytes("half", 300, 800, "hf"))
        watch(Bytes("half", -100, 700, "hf"))
        watch(Waiting("half", 3.0, GONE))
        watch(Dropped("mirror", GONE))
        watch(Heard(Noticed(Finding("mtu-black-hole", "Large packets get lost.", severity="note"))))
        meter = progress.meter
        assert (meter.done, meter.files["half"].done, meter.files_line()) == (1700, 700, "1 of 3 files")
        watch(FileDone("half", 1000, "resumed"))
        assert meter.done == 2000
    assert capsys.readouterr().err.splitlines() == [
        "Nothing moves on any connection. Trying again in 3.0 s.",
        "mirror is left out: Nothing moves on any connection. (stalled)",
        "note: mtu-black-hole",
        "  Large packets get lost.",
    ]


def test_where_nothing_is_to_come_it_is_looked_at() -> None:
    with Progressing("fetching", quiet=True) as progress:
        FetchWatch(progress)(Planned(1, 3000, 0))
        assert progress.meter.stage_text == "looking at 1 file that is here"
