"""`hfpush verify`: is what was fetched still what it must be?"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from hfpush import units
from hfpush.cli import render
from hfpush.cli.guard import guarded
from hfpush.cli.log import LogOption, logged
from hfpush.cli.options import EndpointsOption, JsonOption, TypeOption, settings_of, where
from hfpush.cli.progress import Progressing
from hfpush.commands.named_repo import named_repo
from hfpush.commands.verify import verify
from hfpush.commands.verify_found import Sighting
from hfpush.commands.verify_report import VerifyReport, VerifyRequest
from hfpush.endpoints import RepoAddress, RepoReference
from hfpush.errors import HfpushError, Misuse
from hfpush.findings import Finding
from hfpush.settings import Settings

_MOST_READERS = 8
_SHOWN = 20


@guarded
def verify_command(
    repo: Annotated[
        str | None,
        typer.Argument(metavar="REPO", help="owner/name, or its hf:// address or URL. Default: all of the cache."),
    ] = None,
    repo_type: TypeOption = None,
    revision: Annotated[
        str | None, typer.Option("--revision", metavar="NAME", help="Only this branch, tag or commit. Default: all.")
    ] = None,
    cache_dir: Annotated[
        Path | None,
        typer.Option("--cache-dir", metavar="FOLDER", help="The Hub cache. Default: HF_HUB_CACHE, or where hf has it."),
    ] = None,
    local_dir: Annotated[
        Path | None, typer.Option("--local-dir", metavar="FOLDER", help="A folder of plain files, not the cache.")
    ] = None,
    mend: Annotated[
        bool, typer.Option("--repair", help="Fetch what is wrong or gone again, and nothing else.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="With --repair: replace files of a --local-dir without asking.")
    ] = False,
    endpoint: EndpointsOption = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", help="Files to read at once. Default: one a core, at most 8.")
    ] = None,
    log: LogOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read what was fetched, and compare it with the Hub's digests.

    Looks at every snapshot in the Hub cache, or at a --local-dir; of a cache most can be told without the Hub. Ends
    with 0 if all is well, with 1 if something is damaged or gone. --repair fetches exactly that.
    """
    flags = {"endpoint": where(endpoint), "jobs": jobs}
    settings, said = (settings_of(flags), None) if repo is None else named_repo(repo, flags)
    address = None
    if said is not None:
        address = RepoAddress.parse(settings.usual_endpoint, said.id, said.agreed_type(repo_type))
        if not endpoint and said.fetched_from is not None:
            endpoint = [said.fetched_from]  # for the commands that are shown
    request = VerifyRequest(
        repo=address,
        revision=_revision(said, revision),
        cache_dir=settings.cache_dir if cache_dir is None and local_dir is None else cache_dir,
        local_dir=local_dir,
        jobs=_readers() if jobs is None else settings.jobs,
        endpoint=tuple(endpoint or ()),
    )
    with logged(log, settings) as traced:
        try:
            report = _verified(traced, request, quiet=as_json)
            if mend and not report.clean:
                report = _mended(traced, request, report, yes=yes, quiet=as_json)
        except HfpushError as failure:
            failure.finding = _hinted(traced, request, failure)
            raise
    if as_json:
        render.document(report.as_json())
    else:
        for each in report.repos:
            for finding in each.findings:
                render.result(finding)
        for line in report_lines(report):
            render.tell(line)
    if not report.clean:
        raise typer.Exit(1)


def report_lines(report: VerifyReport) -> list[str]:
    """The report in one to three lines. Pure."""
    of = f" of {units.count(len(report.repos), 'repository', 'repositories')}" if len(report.repos) != 1 else ""
    read = (
        f"{units.count(report.read, 'file')}{of}, {units.size(report.bytes)}, read in {units.duration(report.seconds)}"
    )
    lines = []
    if report.repaired:
        wire = units.size(report.bytes_wire)
        lines.append(f"repaired {units.count(len(report.repaired), 'file')}; {wire} on the wire")
    if report.wrong:
        what = "is" if len(report.wrong) == 1 else "are"
        lines.append(f"{units.count(len(report.wrong), 'file')} {what} not as the repository lists: {read}")
    else:
        lines.append(f"all is well: {read}")
    return lines


def _verified(settings: Settings, request: VerifyRequest, *, quiet: bool) -> VerifyReport:
    with Progressing("verifying", quiet=quiet, trace=settings.network.trace) as progress:
        progress.stage("looking")
        try:
            return verify(settings, request, progress)
        except KeyboardInterrupt:
            progress.stage("interrupted")  # nothing has arrived that could be kept
            raise


def _mended(
    settings: Settings, request: VerifyRequest, report: VerifyReport, *, yes: bool, quiet: bool
) -> VerifyReport:
    from hfpush.cli.fetch_watch import FetchWatch  # brings all of a fetch along, which no verify needs
    from hfpush.commands.verify_repair import RepairMeans, repair

    with Progressing("fetching", quiet=quiet, trace=settings.network.trace) as progress:
        progress.stage("asking the Hub")

        def agreed(files: tuple[Sighting, ...]) -> bool:
            with progress.aside():
                return yes or _asked(request, files, quiet=quiet)

        means = RepairMeans(settings, FetchWatch(progress), progress.remark, agreed)
        return repair(means, request, report)


def _asked(request: VerifyRequest, files: tuple[Sighting, ...], *, quiet: bool) -> bool:
    from hfpush.commands.verify_repair import unconfirmed

    if quiet or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise unconfirmed(request, files)
    render.say("These files of the folder would be replaced by those of the repository:")
    for one in files[:_SHOWN]:
        edited = ", changed after it came" if one.edited else ""
        render.say(f"  {one.path!r}  {units.size(one.size)}{edited}")
    if len(files) > _SHOWN:
        render.say(f"  and {len(files) - _SHOWN:,} more")
    try:
        return typer.confirm("Replace them?", err=True)
    except typer.Abort:  # ^C, or an end of input
        raise KeyboardInterrupt from None


def _revision(said: RepoReference | None, revision: str | None) -> str | None:
    if said is not None:
        return said.agreed_revision(revision)
    if revision is not None:
        raise Misuse.of(
            "verify-needs-repo", "A revision is one of a repository.", to_try=("name the repository before it",)
        )
    return None


def _hinted(settings: Settings, request: VerifyRequest, failure: HfpushError) -> Finding:
    """The finding, with what a fetch of the same repository would hint at."""
    if request.repo is None:
        return failure.finding
    from hfpush.commands.fetch_hints import with_hint
    from hfpush.commands.fetch_report import FetchRequest

    fetch = FetchRequest(request.repo, revision=request.revision, offline=settings.offline)
    return with_hint(settings, fetch, failure)


def _readers() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, _MOST_READERS))
