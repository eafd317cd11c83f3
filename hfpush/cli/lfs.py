"""`hfpush lfs`: LFS files without git-lfs. What git itself runs is in lfs_filter.py; here it is only listed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from hfpush.cli import lfs_filter, render
from hfpush.cli.guard import guarded
from hfpush.cli.options import JsonOption
from hfpush.commands.lfs_install import (
    LfsReport,
    LfsRequest,
    LfsStatus,
    filter_status,
    install_filter,
    uninstall_filter,
)

app = typer.Typer(help="LFS files in git without git-lfs.", no_args_is_help=True)

PathArgument = Annotated[Path, typer.Argument(metavar="PATH", help="The repository.", show_default=False)]
LocalOption = Annotated[
    bool, typer.Option("--local", help="Only for the repository at PATH. Default: for all of this user.")
]
NamesArgument = Annotated[list[str] | None, typer.Argument()]


@app.callback()
def _group() -> None:
    pass


@app.command("install")
@guarded
def install_command(
    path: PathArgument = Path("."),
    local: LocalOption = False,
    force: Annotated[bool, typer.Option("--force", help="Also where git-lfs is in charge.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Have git run hfpush for LFS files.

    Objects lie where git-lfs keeps them, and git-lfs can take over at any time. Where it is in charge already, nothing
    is changed.
    """
    _tell(install_filter(LfsRequest(path, os.environ, local=local, force=force)), as_json)


@app.command("uninstall")
@guarded
def uninstall_command(path: PathArgument = Path("."), local: LocalOption = False, as_json: JsonOption = False) -> None:
    """Take back what `hfpush lfs install` did. Objects stay where they are."""
    _tell(uninstall_filter(LfsRequest(path, os.environ, local=local)), as_json)


@app.command("status")
@guarded
def status_command(path: PathArgument = Path("."), as_json: JsonOption = False) -> None:
    """Say what git runs for LFS files here.

    Also how many of their objects are in the repository.
    """
    found = filter_status(path)
    if as_json:
        render.document(found.as_json())
        return
    for line in _status_lines(found):
        render.tell(line)


@app.command("filter-process", hidden=True)
def filter_process_command() -> None:
    """Git's long-running filter process; git starts it."""
    raise typer.Exit(lfs_filter.run("filter-process"))


@app.command("clean", hidden=True)
def clean_command(names: NamesArgument = None) -> None:
    """A file's pointer, from its content on standard input; git starts it."""
    raise typer.Exit(lfs_filter.run("clean", names or ()))


@app.command("smudge", hidden=True)
def smudge_command(names: NamesArgument = None) -> None:
    """A file's content, from its pointer on standard input; git starts it."""
    raise typer.Exit(lfs_filter.run("smudge", names or ()))


_WORDS = {
    "installed": "git runs hfpush for LFS files now",
    "unchanged": "nothing to do",
    "left": "nothing was changed",
    "removed": "git no longer runs hfpush for LFS files",
}


def _tell(report: LfsReport, as_json: bool) -> None:
    if as_json:
        render.document(report.as_json())
        return
    render.findings(report.findings)
    render.tell(f"{_WORDS[report.done]}: {report.file}")


def _status_lines(found: LfsStatus) -> list[str]:
    lines = [f"filter  {found.filter}"]
    if found.process is not None:
        lines += [f"runs    {found.process}", f"set in  {found.file or 'the command line'}"]
    lines.append(f"git-lfs {found.git_lfs or 'is not installed'}")
    if found.store is not None:
        lines.append(f"store   {found.store}: {found.objects:,} objects")
    return lines
