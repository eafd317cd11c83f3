"""A fetch on the screen: its bars while it runs, and its report in the end."""

from __future__ import annotations

from hfpush import units
from hfpush.cli.progress import Progressing
from hfpush.commands.fetch_report import FetchReport
from hfpush.findings import Finding
from hfpush.receive.events import Bytes, Dropped, Event, FileDone, FileStarted, Gathering, Heard, Planned, Waiting


class FetchWatch:
    """Turns the engine's events into bars. What is here already counts as done from the start, but not as speed."""

    def __init__(self, progress: Progressing) -> None:
        self._progress = progress

    def __call__(self, event: Event) -> None:
        if isinstance(event, Bytes):  # by far the most frequent
            self._progress.moved(event.path, event.count, event.source)
        elif isinstance(event, FileStarted):
            coming = event.size - event.have
            self._progress.started(event.path, event.path, event.size, event.have, coming=coming)
        elif isinstance(event, FileDone):
            self._progress.finished(event.path)
        elif isinstance(event, Planned):
            if event.to_come:
                self._progress.begin(event.bytes, here=event.bytes - event.to_come, files=event.files)
            else:
                self._progress.stage(f"looking at {units.count(event.files, 'file')} that {_is(event.files)} here")
        elif isinstance(event, Gathering):
            copied = f"{units.size(event.done)} of {units.size(event.bytes)}"
            self._progress.stage(f"copying what is on this disk: {copied}")
        elif isinstance(event, Waiting):
            self._progress.waiting(event.seconds, event.why)
        elif isinstance(event, Dropped):
            self._progress.remark(f"{event.source} is left out: {event.why.message} ({event.why.reference})")
        elif isinstance(event, Heard):
            self._progress.news(event.news)


def report_lines(report: FetchReport) -> list[str]:
    """The report in two lines, or three where several sources brought something. Pure."""
    counts = []
    for how, word in (("fetched", "fetched"), ("resumed", "resumed"), ("kept", "already here")):
        number = sum(file.how == how for file in report.files)
        if number:
            counts.append(f"{number:,} {word}")
    size = units.size(sum(file.size for file in report.files))
    wire = f"{units.size(report.bytes_wire)} on the wire in {units.duration(report.seconds)}"
    lines = [
        f"{report.repo} at {report.commit[:10]}: {units.count(len(report.files), 'file')}, {size}, each verified",
        f"  {', '.join(counts) or 'nothing to fetch'}; {wire}",
    ]
    brought = [share for share in report.shares if share.bytes]
    if len(brought) > 1:
        total = sum(share.bytes for share in brought)
        shares = (f"{units.size(share.bytes)} from {share.source} ({share.bytes / total:.0%})" for share in brought)
        lines.append(f"  {', '.join(shares)}")
    return lines


def dropped(report: FetchReport) -> tuple[Finding, ...]:
    """A note for each source that was left out on the way, with why. Pure."""
    return tuple(
        Finding(
            "source-dropped",
            f"{share.source} was left out on the way; the rest came from elsewhere.",
            (f"{share.dropped.reference}: {share.dropped.message}", *share.dropped.evidence),
            severity="note",
        )
        for share in report.shares
        if share.dropped is not None
    )


def _is(number: int) -> str:
    return "is" if number == 1 else "are"
