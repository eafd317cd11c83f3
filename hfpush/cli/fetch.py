"""`hfpush fetch`: files of a repository, in the Hub cache or a folder."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from hfpush import units
from hfpush.cli import render
from hfpush.cli.fetch_plan import plan_lines
from hfpush.cli.fetch_watch import FetchWatch, dropped, report_lines
from hfpush.cli.guard import guarded
from hfpush.cli.log import LogOption, logged
from hfpush.cli.options import (
    DryRunOption,
    EndpointsOption,
    JobsOption,
    JsonOption,
    TypeOption,
    where,
)
from hfpush.cli.progress import Progressing
from hfpush.commands.fetch_hints import with_hint
from hfpush.commands.fetch_report import FetchReport, FetchRequest
from hfpush.commands.named_repo import named_repo
from hfpush.commands.through import fetch_through
from hfpush.endpoints import RepoAddress
from hfpush.errors import HfpushError, Misuse


@guarded
def fetch_command(
    repo: Annotated[
        str,
        typer.Argument(
            metavar="REPO",
            help="owner/name, hf://[datasets/|spaces/]owner/name[@revision][/path], or the URL of a page or a file.",
        ),
    ],
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILES", help="Files, folders or patterns, in quotes. Default: all of the repository."),
    ] = None,
    include: Annotated[
        list[str] | None,
        typer.Option("--include", metavar="GLOB", help="Of these only what fits, such as '*.json'. Repeatable."),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option("--exclude", metavar="GLOB", help="Nothing that fits, such as 'onnx/'. Repeatable."),
    ] = None,
    repo_type: TypeOption = None,
    revision: Annotated[
        str | None, typer.Option("--revision", metavar="NAME", help="A branch, tag or commit. Default: main.")
    ] = None,
    cache_dir: Annotated[
        Path | None,
        typer.Option(
            "--cache-dir",
            metavar="FOLDER",
            help="The Hub cache. Default: HF_HUB_CACHE, or where hf has it.",
            readable=False,  # said by whoever meets it, as everything else
        ),
    ] = None,
    local_dir: Annotated[
        Path | None,
        typer.Option(
            "--local-dir", metavar="FOLDER", help="Put plain files into this folder, not the cache.", readable=False
        ),
    ] = None,
    endpoint: EndpointsOption = None,
    jobs: JobsOption = None,
    limit: Annotated[
        str | None,
        typer.Option("--limit", metavar="RATE", help="The most bytes a second in all, such as 8M or 500k."),
    ] = None,
    dry_run: DryRunOption = False,
    log: LogOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch files of a repository, each verified before it is visible.

    They land in the Hub cache that hf and the Python libraries read, or in --local-dir. Interrupted or killed, run it
    again: it goes on where it was. Prints the folder on stdout, or the file where exactly one is named.
    """
    rate = None if limit is None else _rate(limit)
    settings, said = named_repo(repo, {"endpoint": where(endpoint), "jobs": jobs})
    request = FetchRequest(
        repo=RepoAddress.parse(settings.usual_endpoint, said.id, said.agreed_type(repo_type)),
        revision=said.agreed_revision(revision),
        files=(*said.files, *(files or ())),
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
        cache_dir=settings.cache_dir if cache_dir is None and local_dir is None else cache_dir,
        local_dir=local_dir,
        jobs=settings.jobs,
        offline=settings.offline,
        attempts=settings.attempts,
        limit=rate,
        dry_run=dry_run,
    )
    with (
        logged(log, settings) as traced,
        Progressing("fetching", quiet=as_json, trace=traced.network.trace) as progress,
    ):
        progress.stage("asking the Hub")
        try:
            report = fetch_through(traced, request, observer=FetchWatch(progress), tell=progress.remark)
        except HfpushError as failure:
            failure.finding = with_hint(traced, request, failure)
            from hfpush.commands.doctor_after import with_cause  # a tenth of a second: only for a run that failed

            failure.finding = with_cause(traced, request.repo, None, "fetch", failure, progress.stage)
            raise
    problems = report.problems if dry_run else ()
    report = replace(report, findings=(*progress.unsaid, *problems, *report.findings))
    if as_json:
        render.document(report.as_json())
    elif dry_run:
        _show_plan(report)
    else:
        _show(report)
    if problems:
        raise typer.Exit(1)


def _show(report: FetchReport) -> None:
    render.findings((*report.findings, *dropped(report)))
    for line in report_lines(report):
        render.say(line)
    render.place(report.path)


def _show_plan(report: FetchReport) -> None:
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in plan_lines(report, width):
        render.tell(line)
    render.findings(report.findings)


def _rate(text: str) -> float:
    try:
        return float(units.parse_rate(text))
    except ValueError as error:
        raise Misuse.of("limit-invalid", f"--limit: {error}.") from error
