"""`hfpush fix`: history without what the Hub refuses."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from types import TracebackType
from typing import Annotated

import typer

from hfpush import units
from hfpush.cli import render
from hfpush.cli.audit import AuditWatch
from hfpush.cli.guard import guarded
from hfpush.cli.options import DryRunOption, JsonOption, RepositoryArgument
from hfpush.commands.fix import fix, forget, resume, undo
from hfpush.commands.fix_report import FixPlan, FixReport, FixRequest
from hfpush.errors import Misuse
from hfpush.repo.mend.findings import unconfirmed
from hfpush.repo.rewrite.values import RewritePlan
from hfpush.repo.rules import shown

_SHOWN = 20


@guarded
def fix_command(
    path: RepositoryArgument = Path("."),
    dry_run: DryRunOption = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")] = False,
    rewrite_published: Annotated[
        bool,
        typer.Option("--rewrite-published", help="Mend commits that a remote has, too. Who cloned has to clone again."),
    ] = False,
    remote: Annotated[
        str | None, typer.Option("--remote", metavar="NAME", help="Mend what this remote does not have. Default: any.")
    ] = None,
    bundle: Annotated[
        Path | None,
        typer.Option("--bundle", metavar="FILE", help="First write the old history into this file, a git bundle."),
    ] = None,
    above: Annotated[
        str | None,
        typer.Option("--above", metavar="SIZE", help="Also move text files over SIZE (500k, 2MiB) to LFS."),
    ] = None,
    go_on: Annotated[bool, typer.Option("--continue", help="Bring an interrupted fix to its end.")] = False,
    back: Annotated[bool, typer.Option("--undo", help="Bring the history of before the last fix back.")] = False,
    forget_backup: Annotated[
        bool, typer.Option("--forget-backup", help="Let the old history go, that each fix keeps.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Mend a history: large and binary files go to LFS.

    They become LFS pointers in every commit that no remote has yet. Shows what it would do and asks. Commits before the
    first such file keep their ids. The old history is kept, and --undo brings it back; no file of yours is touched
    but .gitattributes. Killed, it leaves the old history or the new.
    """
    others = {"--continue": go_on, "--undo": back, "--forget-backup": forget_backup}
    options = {
        "--dry-run": dry_run,
        "--rewrite-published": rewrite_published,
        "--remote": remote is not None,
        "--bundle": bundle is not None,
        "--above": above is not None,
    }
    chosen = _one_of(others, options)
    request = FixRequest(path, dry_run, rewrite_published, remote, bundle, _size(above))
    with FixWatch(_words(path, options, remote, bundle, above), yes=yes, quiet=as_json) as watch:
        if chosen is None:
            report = fix(request, watch)
        else:
            report = {"--continue": resume, "--undo": undo, "--forget-backup": forget}[chosen](path, watch)
    if as_json:
        render.document(report.as_json())
    else:
        for line in report_lines(report, str(path)):
            render.tell(line)
        for finding in report.findings:
            render.result(finding)
    if not report.clean:
        raise typer.Exit(1)


class FixWatch:
    """Shows a fix on stderr, its plan included, and asks once; `quiet` shows nothing. `command` is what somebody has to
    run who cannot be asked."""

    def __init__(self, command: list[str], *, yes: bool, quiet: bool) -> None:
        self._command = command
        self._yes = yes
        self._quiet = quiet
        self._shown = AuditWatch(quiet=quiet)

    def __enter__(self) -> FixWatch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._shown.__exit__(kind, error, trace)

    def stage(self, text: str) -> None:
        self._shown.stage(text)

    def progress(self, what: str, done: int, of: int | None) -> None:
        if what == "store":
            self._shown.stage(f"moving files to LFS: {units.size(done)} of {units.size(of or 0)}")
        else:
            self._shown.looked_at(what, done, of)

    def planned(self, plan: FixPlan) -> None:
        """Print the plan, below which the question will stand."""
        self._shown.__exit__(None, None, None)
        self._shown = AuditWatch(quiet=self._quiet)
        if not self._quiet:
            for line in plan_lines(plan):
                render.say(line)
            render.findings(plan.notes)

    def agreed(self, plan: FixPlan) -> bool:
        """Ask, on a terminal; without one there is nobody to ask."""
        if self._yes:
            return True
        if self._quiet or not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise Misuse(unconfirmed([*self._command, "--yes"]))
        try:
            return typer.confirm("Replace the old history by the mended one?", err=True)
        except typer.Abort:  # ^C, or an end of input
            raise KeyboardInterrupt from None

    def reached(self, step: str) -> None:
        pass


def plan_lines(plan: FixPlan) -> list[str]:
    """The plan in a few lines. Pure."""
    what = plan.rewrite
    paths = list(dict.fromkeys(one.path for one in what.offences))
    lines = [f"{units.count(len(what.blobs), 'file')} of the history would go to LFS, under {_count(paths)}:"]
    for path in paths[:_SHOWN]:
        first = next(one for one in what.offences if one.path == path)
        lines.append(f"  {shown(path)}  {units.size(first.size)}, since commit {first.commit[:10]}")
    if len(paths) > _SHOWN:
        lines.append(f"  and {len(paths) - _SHOWN:,} more")
    lines.append(f"  commits    {units.count(what.commits, 'commit')} would get new ids{_signed(what)}")
    names = ", ".join(shown(ref.removeprefix("refs/heads/").removeprefix("refs/")) for ref in sorted(what.moves)[:5])
    more = f" and {len(what.moves) - 5:,} more" if len(what.moves) > 5 else ""
    lines.append(f"  refs       {names}{more}; the old ones are kept in refs/hfpush/backup/")
    return [*lines, f"  disk       {units.size(what.lfs_bytes)} for LFS, of {units.size(plan.free)} free"]


def report_lines(report: FixReport, place: str) -> list[str]:
    """The report in a few lines. Pure."""
    where = "" if place == "." else f" {shlex.quote(place)}"
    plan = report.plan
    if report.action == "planned":
        return ["dry run: nothing was changed"]
    if report.action == "declined":
        return ["nothing was changed"]
    if report.action == "nothing":
        return ["nothing to mend"]
    if report.action == "idle":
        return ["nothing to finish: no fix was interrupted"]
    if report.action == "undone":
        return [f"undone: {units.count(report.refs, 'ref')} and .gitattributes are as they were before"]
    if report.action == "forgotten":
        freed = f"; git gc --prune=now frees up to {units.size(report.freed)}" if report.freed else ""
        return [f"the old history is let go: {units.count(report.refs, 'backup ref')} deleted{freed}"]
    if report.action == "continued":
        lines = [f"done: what was interrupted is at its end, and {units.count(report.refs, 'ref')} moved"]
    else:
        commits = plan.rewrite.commits if plan is not None else 0
        lines = [f"mended in {units.duration(report.seconds)}: {units.count(commits, 'commit')} made anew"]
    if report.verified is not None:
        seen = report.verified
        objects = f"{units.count(seen.objects, 'LFS object')}, {units.size(seen.bytes)}"
        lines.append(f"  checked {units.count(seen.commits, 'commit')} against the old ones; {objects} read back")
    return [
        *lines,
        f"  backup  {report.backup}",
        f"  undo    hfpush fix{where} --undo",
        f"  next    hfpush publish{where}",
    ]


def _signed(plan: RewritePlan) -> str:
    parts = []
    if plan.signed_commits:
        parts.append(units.count(plan.signed_commits, "commit"))
    if plan.signed_tags:
        parts.append(units.count(plan.signed_tags, "tag"))
    return f"; {' and '.join(parts)} would lose the signature" if parts else ""


def _count(paths: list[str]) -> str:
    return units.count(len(paths), "path")


def _one_of(others: dict[str, bool], options: dict[str, bool]) -> str | None:
    """Which of the other jobs is asked for. Raises Misuse for two of them, or one with options of a fix."""
    chosen = [name for name, given in others.items() if given]
    extra = [name for name, given in options.items() if given] if chosen else []
    if len(chosen) + len(extra) > 1:
        raise Misuse.of(
            "fix-twofold",
            f"{' and '.join([*chosen, *extra])} cannot be asked for together.",
            to_try=("give one of them",),
        )
    return chosen[0] if chosen else None


def _words(
    path: Path, options: dict[str, bool], remote: str | None, bundle: Path | None, above: str | None
) -> list[str]:
    """The command line that was given, as words."""
    values = {"--remote": remote, "--bundle": str(bundle), "--above": above}
    words = ["hfpush", "fix", str(path)]
    for name, given in options.items():
        if given:
            value = values.get(name)
            words += [name] if value is None else [name, value]
    return words


def _size(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return units.parse_size(text)
    except ValueError as error:
        raise Misuse.of("size-invalid", f"--above: {error}.") from error
