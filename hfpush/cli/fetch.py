"""`hfpush fetch`: files of a repository, in the Hub cache or a folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from hfpush import units
from hfpush.cli import render
from hfpush.cli.guard import guarded
from hfpush.cli.log import LogOption, logged
from hfpush.cli.options import EndpointOption, JobsOption, JsonOption, TypeOption, remarking, settings_of
from hfpush.cli.progress import Progressing
from hfpush.commands.fetch_report import FetchReport, FetchRequest
from hfpush.commands.through import fetch_through
from hfpush.endpoints import RepoAddress
from hfpush.receive.events import Bytes, Event, FileDone, FileStarted, Heard, Planned, Waiting

_FILES_AT_ONCE = 4


@guarded
def fetch_command(
    repo: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="The repository on the Hub.")],
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILES", help="Files, folders or patterns. Default: all.")
    ] = None,
    repo_type: TypeOption = None,
    endpoint: EndpointOption = None,
    revision: Annotated[
        str | None, typer.Option("--revision", metavar="NAME", help="A branch, tag or commit. Default: main.")
    ] = None,
    cache_dir: Annotated[
        Path | None,
        typer.Option("--cache-dir", metavar="FOLDER", help="The Hub cache. Default: HF_HUB_CACHE, or where hf has it."),
    ] = None,
    local_dir: Annotated[
        Path | None,
        typer.Option("--local-dir", metavar="FOLDER", help="Put plain files into this folder, not the cache."),
    ] = None,
    jobs: JobsOption = None,
    log: LogOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch files of a repository, each verified before it is visible.

    They land in the Hub cache that hf and the Python libraries read, or in --local-dir. Interrupted or killed, run it
    again: it goes on where it was. Prints the folder on stdout.
    """
    settings = settings_of({"endpoint": endpoint, "jobs": jobs})
    request = FetchRequest(
        repo=RepoAddress.parse(settings.usual_endpoint, repo, repo_type or "model"),
        revision=revision,
        files=tuple(files or ()),
        cache_dir=settings.cache_dir if cache_dir is None and local_dir is None else cache_dir,
        local_dir=local_dir,
        jobs=min(settings.jobs, _FILES_AT_ONCE) if jobs is None else settings.jobs,
        offline=settings.offline,
        attempts=settings.attempts,
    )
    with (
        logged(log, settings) as traced,
        Progressing("fetching", quiet=as_json, trace=traced.network.trace) as progress,
    ):
        progress.stage("asking the Hub")
        report = fetch_through(traced, request, observer=_Watch(progress), tell=remarking(progress, quiet=as_json))
    if as_json:
        render.document(replace(report, findings=(*progress.unsaid, *report.findings)).as_json())
        return
    render.findings(report.findings)
    for line in report_lines(report):
        render.say(line)
    render.place(report.folder)


class _Watch:
    """Turns the engine's events into bars."""

    def __init__(self, progress: Progressing) -> None:
        self._progress = progress

    def __call__(self, event: Event) -> None:
        if isinstance(event, Planned):
            self._progress.begin(event.to_come)
        elif isinstance(event, FileStarted):
            self._progress.started(event.path, event.path, event.size - event.have, 0)
        elif isinstance(event, Bytes):
            self._progress.moved(event.path, event.count)
        elif isinstance(event, FileDone):
            self._progress.finished(event.path)
        elif isinstance(event, Waiting):
            self._progress.waiting(event.seconds, event.why)
        elif isinstance(event, Heard):
            self._progress.news(event.news)


def report_lines(report: FetchReport) -> list[str]:
    """The report in two lines. Pure."""
    counts = []
    for how, word in (("fetched", "fetched"), ("resumed", "resumed"), ("kept", "already here")):
        number = sum(file.how == how for file in report.files)
        if number:
            counts.append(f"{number:,} {word}")
    size = units.size(sum(file.size for file in report.files))
    wire = f"{units.size(report.bytes_wire)} on the wire in {units.duration(report.seconds)}"
    return [
        f"{report.repo} at {report.commit[:10]}: {units.count(len(report.files), 'file')}, {size}, each verified",
        f"  {', '.join(counts) or 'nothing to fetch'}; {wire}",
    ]
