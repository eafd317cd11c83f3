"""`hfpush audit`: would the Hub take it?"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Annotated, cast, get_args

import typer

from hfpush import units
from hfpush.cli import render
from hfpush.cli.guard import guarded
from hfpush.cli.options import EndpointOption, JsonOption, RepositoryArgument, TypeOption
from hfpush.cli.progress import Progressing
from hfpush.commands.audit import audit
from hfpush.commands.audit_report import AuditReport, AuditRequest
from hfpush.endpoints import RepoType
from hfpush.errors import Misuse
from hfpush.repo.audit.judge import summary
from hfpush.repo.repository import Repository
from hfpush.settings import load_settings

_PATIENCE_SECONDS = 1.0


@guarded
def audit_command(
    path: RepositoryArgument = Path("."),
    revisions: Annotated[
        str | None, typer.Option("--range", metavar="REVS", help="Look at these revisions: main~5..main, v1, 'a b ^c'.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Look at everything that any ref reaches.")] = False,
    remote: Annotated[
        str | None, typer.Option("--remote", metavar="NAME", help="Look at what this git remote does not have.")
    ] = None,
    above: Annotated[
        str | None,
        typer.Option("--above", metavar="SIZE", help="Only list files over SIZE (10MiB, 500k); 1 if there are any."),
    ] = None,
    endpoint: EndpointOption = None,
    repo_type: TypeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find what the Hub would refuse, before anything is pushed.

    Looks at every commit that a push would carry, by default at all that the git remotes at the Hub do not have.
    Writes nothing and asks no server. Ends with 0 if the Hub would take it, with 1 if not.
    """
    size = _size(above)
    repository = Repository.around(path)
    settings = load_settings({"endpoint": endpoint, "type": repo_type}, repo_root=repository.root)
    request = AuditRequest(
        repository=repository,
        place=_place(path, repository),
        revisions=revisions,
        everything=everything,
        remote=remote,
        above=size,
        endpoint=settings.usual_endpoint,
        repo_type=_type(settings.type),
    )
    with AuditWatch(quiet=as_json) as watch:
        report = audit(request, watch)
    if as_json:
        render.document(report.as_json())
    else:
        for line in opening_lines(report):
            render.tell(line)
        for finding in report.verdict.findings:
            render.result(finding)
        if report.scan is not None:
            render.tell(closing_line(report))
    if not report.clean:
        raise typer.Exit(1)


class AuditWatch:
    """Shows an audit on stderr once it has taken a second; says nothing at all when `quiet`."""

    def __init__(self, *, quiet: bool, patience_seconds: float = _PATIENCE_SECONDS) -> None:
        self._quiet = quiet
        self._patience_seconds = patience_seconds
        self._began = time.monotonic()
        self._stack = ExitStack()
        self._progress: Progressing | None = None

    def __enter__(self) -> AuditWatch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def is_shown(self) -> bool:
        """Whether it has taken long enough to be shown."""
        return self._progress is not None

    def stage(self, text: str) -> None:
        """What is being done from now on."""
        if self._progress is None:
            if self._quiet or time.monotonic() - self._began < self._patience_seconds:
                return
            self._progress = self._stack.enter_context(Progressing("looking"))
        self._progress.stage(text)

    def looked_at(self, what: str, count: int, of: int | None) -> None:
        """How far the stage is."""
        self.stage(progress_line(what, count, of))


def progress_line(what: str, count: int, of: int | None) -> str:
    """How far a stage is, in one line. Pure."""
    if not of:
        return f"{what}: {count:,}"
    return f"{what}: {count:,} of {of:,} ({min(count / of, 1):.0%})"


def opening_lines(report: AuditReport) -> list[str]:
    """What was looked at, in a line. Pure."""
    scan = report.scan
    if scan is None:
        return ["nothing to look at: the repository has no commit yet"]
    what = f"{units.count(scan.commits, 'commit')} {report.about}"
    if report.above is not None:
        return [f"looked for files over {units.size(report.above)} in {what}"]
    return [f"looked at {what}, with {units.count(scan.checked, 'file')} new in them"]


def closing_line(report: AuditReport) -> str:
    """The verdict in a line. Pure."""
    findings = report.verdict.findings
    if report.above is not None:
        return "no such file" if not findings else summary(findings)
    if report.clean:
        return f"clean: {summary(findings)}" if findings else "clean: the Hub would take it"
    return f"the Hub would refuse it: {summary(findings)}"


def _place(path: Path, repository: Repository) -> str:
    """The repository's top as it is best called from here: by the user's own words, where these name it."""
    top = repository.root or repository.git_dir
    return str(path) if path.expanduser().resolve() == top.resolve() else os.path.relpath(top)


def _type(text: str | None) -> RepoType | None:
    if text is not None and text not in get_args(RepoType):
        raise Misuse.of("repo-type-unknown", f"{text!r} is not a repository type: model, dataset or space.")
    return cast("RepoType | None", text)


def _size(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return units.parse_size(text)
    except ValueError as error:
        raise Misuse.of("size-invalid", f"--above: {error}.") from error
