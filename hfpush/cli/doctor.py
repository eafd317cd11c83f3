"""`hfpush doctor`: why it does not work, in one sentence, with the line that helps."""

from __future__ import annotations

import io
import shutil
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, BinaryIO, cast, get_args

import typer

from hfpush import units
from hfpush.cli import render
from hfpush.cli.doctor_text import report_lines
from hfpush.cli.guard import guarded
from hfpush.cli.options import EndpointOption, JsonOption, TypeOption, settings_of
from hfpush.cli.progress import Progressing
from hfpush.commands.doctor import DoctorRequest, doctor, replay
from hfpush.commands.doctor_bundle import write_bundle
from hfpush.commands.doctor_explain import explained
from hfpush.diagnose.facts.asked import Purpose
from hfpush.diagnose.report import Report
from hfpush.errors import LocalTrouble, Misuse
from hfpush.repo.repository import existing_folder


@guarded
def doctor_command(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="PATH", help="The repository it is about. Default: the one in this folder, if any."),
    ] = None,
    endpoint: EndpointOption = None,
    repo: Annotated[
        str | None, typer.Option("--repo", metavar="ID", help="The repository at the Hub. Default: that of a remote.")
    ] = None,
    repo_type: TypeOption = None,
    purpose: Annotated[
        str, typer.Option("--for", metavar="WHAT", help="publish, fetch or all: what does not work.")
    ] = "all",
    quick: Annotated[bool, typer.Option("--quick", help="Upload nothing at all.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody: settings, programs and files alone.")] = False,
    log: Annotated[
        str | None,
        typer.Option("--log", metavar="FILE", help="Output or trace of what failed; - reads it from stdin."),
    ] = None,
    replayed: Annotated[
        Path | None, typer.Option("--replay", metavar="FILE", help="What follows from a report made with --json.")
    ] = None,
    explain: Annotated[
        str | None, typer.Option("--explain", metavar="REF", help="What a reference such as tls-reset means.")
    ] = None,
    bundle: Annotated[
        bool, typer.Option("--bundle", help="Write a zip with the report, to be attached to an issue; no secrets.")
    ] = False,
    whole: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show every step, not only those that failed.")
    ] = False,
    yes: Annotated[
        bool,
        typer.Option("--yes", "-y", help="Upload up to 4.5 MB to a real Hub without asking; nothing is published."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Find out why a push or a download does not work.

    Looks at this machine, the repository and the network, takes at most 20 seconds, and changes nothing. Ends with 0 if
    all is well, with 1 if something is broken.
    """
    if explain is not None:
        render.tell(explained(explain))
        return
    if replayed is not None:
        _show(replay(replayed), as_json=as_json, whole=whole, bundle=bundle)
        return
    if purpose not in get_args(Purpose):
        raise Misuse.of(
            "doctor-purpose", f"{purpose!r} is nothing to look for.", to_try=("--for publish, fetch or all",)
        )
    repository = _repository(path)
    settings = settings_of({"endpoint": endpoint}, repo_root=repository)
    with ExitStack() as stack:
        progress = stack.enter_context(Progressing("looking", quiet=as_json))
        request = DoctorRequest(
            path=repository,
            repo=repo,
            repo_type=repo_type,
            purpose=cast(Purpose, purpose),
            quick=quick,
            offline=offline,
            log=None if log is None else _opened(log, stack),
            consent=lambda size: yes or _agreed(size, progress, quiet=as_json),
        )
        report = doctor(settings, request, progress.stage)
    _show(report, as_json=as_json, whole=whole, bundle=bundle)


def _repository(path: Path | None) -> Path | None:
    """The folder it is about: the one that was named, else this one where it is in a repository. Raises Misuse for a
    path that is no folder."""
    if path is not None:
        return existing_folder(path)
    try:
        here = Path.cwd()
    except FileNotFoundError:  # this folder is gone
        return None
    return here if any((folder / ".git").exists() for folder in (here, *here.parents)) else None


def _opened(log: str, stack: ExitStack) -> BinaryIO:
    if log == "-":
        if not sys.stdin.isatty():
            return sys.stdin.buffer
        render.say("paste the log, and end it with Ctrl-D on a line of its own")
        return io.BytesIO(sys.stdin.buffer.read())  # who types has the time for it
    try:
        return stack.enter_context(Path(log).open("rb"))
    except OSError as error:
        raise LocalTrouble.of(
            "log-unreadable", f"{log} cannot be read.", seen=(error.strerror or str(error),)
        ) from None


def _agreed(size: int, progress: Progressing, *, quiet: bool) -> bool:
    """Whether somebody at a terminal agrees that so many bytes are uploaded; nobody there does not."""
    if quiet or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    with progress.aside():
        return typer.confirm(
            f"Upload {units.size(size)} of random bytes to the Hub's storage, to see how they are taken? "
            "Nothing is published.",
            err=True,
        )


def _show(report: Report, *, as_json: bool, whole: bool, bundle: bool) -> None:
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 80
    if as_json:
        render.document(report.as_json())
    else:
        render.styled_result(report_lines(report, whole=whole, width=width))
    if report.lost:
        render.say(
            f"{units.count(report.lost, 'fact')} of another version of hfpush could not be read, and did not count"
        )
    if bundle:
        place = Path(f"hfpush-doctor-{time.strftime('%Y%m%d-%H%M%S')}.zip")
        written = write_bundle(report, place, report_lines(report, whole=True))
        render.say(f"the report is in {written}; no token and no signed URL is in it")
    if not report.well:
        raise typer.Exit(1)
