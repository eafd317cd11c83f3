"""`hfpush publish`: a repository or a folder, on the Hub."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from hfpush.cli import render
from hfpush.cli.guard import guarded
from hfpush.cli.log import LogOption, logged
from hfpush.cli.options import DryRunOption, EndpointOption, JobsOption, JsonOption, TypeOption, settings_of
from hfpush.cli.progress import Progressing
from hfpush.cli.watch import PublishWatch, report_lines
from hfpush.commands.publish_report import PublishRequest
from hfpush.commands.through import publish_through
from hfpush.endpoints import RepoAddress
from hfpush.errors import HfpushError, Misuse
from hfpush.repo.repository import existing_folder, kind_of


@guarded
def publish_command(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH", help="A git repository, or a folder of files.", show_default=False, readable=False
        ),
    ] = Path("."),
    to: Annotated[
        str | None, typer.Option("--to", metavar="OWNER/NAME", help="The repository on the Hub; made if it is missing.")
    ] = None,
    repo_type: TypeOption = None,
    endpoint: EndpointOption = None,
    revision: Annotated[
        str | None, typer.Option("--revision", metavar="BRANCH", help="The branch to publish to. Default: main.")
    ] = None,
    private: Annotated[bool, typer.Option("--private", help="If the repository has to be created: private.")] = False,
    jobs: JobsOption = None,
    fix: Annotated[
        bool,
        typer.Option("--fix", help="Mend the history first if the Hub would refuse it, as hfpush fix does."),
    ] = False,
    rewrite: Annotated[
        bool,
        typer.Option("--rewrite", help="Publish a mended copy of the history; nothing here is changed."),
    ] = False,
    allow_lfsconfig: Annotated[
        bool, typer.Option("--allow-lfsconfig", help="Let a .lfsconfig go along that leads LFS to another host.")
    ] = False,
    dry_run: DryRunOption = False,
    log: LogOption = None,
    as_json: JsonOption = False,
) -> None:
    """Publish a git repository or a folder.

    Sends the LFS objects that the Hub lacks, in parallel parts, then pushes the commits with git, then checks that
    all of it is there. Interrupted or killed, run it again: it goes on where it was.

    Of a repository the commits are published as they are, once an audit has found nothing in them that the Hub refuses
    (see hfpush audit). A plain folder is committed first: hfpush makes a
    repository of it and keeps it, with large and binary files in LFS.
    """
    existing_folder(path)  # said before anything else that is wrong
    flags = {"endpoint": endpoint, "to": to, "type": repo_type, "revision": revision, "jobs": jobs}
    settings = settings_of({**flags, "private": private or None}, repo_root=path)
    if settings.to is None:
        raise Misuse.of(
            "publish-where",
            "It is not said where to publish.",
            to_try=(
                "add --to owner/name",
                "or put a line `to: owner/name` into .hfpush.yaml at the top of the repository",
            ),
        )
    if fix and rewrite:
        raise Misuse.of(
            "publish-twofold",
            "--fix and --rewrite are two different ways to mend a history.",
            to_try=(
                "--fix moves the branches of the repository, with a way back (hfpush fix --undo)",
                "--rewrite leaves the repository alone and publishes a mended copy",
            ),
        )
    request = PublishRequest(
        path=path,
        repo=RepoAddress.parse(settings.usual_endpoint, settings.to, settings.type or "model"),
        state_dir=settings.state_dir,
        revision="main" if settings.revision is None else settings.revision,
        private=bool(settings.private),
        jobs=settings.jobs,
        attempts=settings.attempts,
        dry_run=dry_run,
        mend="fix" if fix else "rewrite" if rewrite else None,
        allow_lfsconfig=allow_lfsconfig,
    )
    all_files = path if kind_of(path) == "folder" else None
    with (
        logged(log, settings, published=all_files) as traced,
        Progressing("sending", quiet=as_json, trace=traced.network.trace) as progress,
    ):
        watch = PublishWatch(progress, quiet=as_json)
        try:
            report = publish_through(traced, request, watch, tell=progress.remark)
        except HfpushError as failure:
            from hfpush.commands.doctor_after import with_cause  # a tenth of a second: only for a run that failed

            failure.finding = with_cause(traced, request.repo, path, "publish", failure, progress.stage)
            raise
    if as_json:
        render.document(replace(report, findings=(*progress.unsaid, *report.findings)).as_json())
    else:
        render.findings(report.findings)
        for line in report_lines(report):
            render.tell(line)
