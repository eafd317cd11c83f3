"""`hfpush lfs`: LFS files without git-lfs, and large ones with it. What git and git-lfs themselves run is in
lfs_filter.py and lfs_agent.py; here it is only listed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from hfpush.cli import lfs_agent, lfs_filter, render
from hfpush.cli.guard import guarded
from hfpush.cli.options import JsonOption
from hfpush.commands.lfs_enable import (
    AgentReport,
    AgentRequest,
    AgentStatus,
    agent_status,
    disable_agent,
    enable_agent,
)
from hfpush.commands.lfs_install import (
    LfsReport,
    LfsRequest,
    LfsStatus,
    filter_status,
    install_filter,
    uninstall_filter,
)

app = typer.Typer(help="LFS files in git: without git-lfs, or large ones with it.", no_args_is_help=True)

PathArgument = Annotated[Path, typer.Argument(metavar="PATH", help="The repository.", show_default=False)]
LocalOption = Annotated[
    bool, typer.Option("--local", help="Only for the repository at PATH. Default: for all of this user.")
]
GlobalOption = Annotated[
    bool, typer.Option("--global", help="For all repositories of this user. Default: for the one at PATH.")
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

    Also how many of their objects are in the repository, and what git-lfs runs to send large ones.
    """
    found, agent = filter_status(path), agent_status(path)
    if as_json:
        render.document({**found.as_json(), "agent": agent.as_json()})
        return
    for line in (*_status_lines(found), *_agent_lines(agent)):
        render.tell(line)


@app.command("enable-largefiles")
@guarded
def enable_command(
    path: PathArgument = Path("."), everywhere: GlobalOption = False, as_json: JsonOption = False
) -> None:
    """Have git-lfs send large files with hfpush.

    A plain git push then sends them in parallel parts, tries again what fails, and goes on where it was stopped. The
    agent of huggingface_hub, or one that is gone, is replaced. hfpush publish needs none of this.
    """
    _tell(enable_agent(AgentRequest(path, os.environ, everywhere=everywhere)), as_json)


@app.command("disable-largefiles")
@guarded
def disable_command(
    path: PathArgument = Path("."), everywhere: GlobalOption = False, as_json: JsonOption = False
) -> None:
    """Take back what `hfpush lfs enable-largefiles` did."""
    _tell(disable_agent(AgentRequest(path, os.environ, everywhere=everywhere)), as_json)


@app.command("agent", hidden=True)
def agent_command() -> None:
    """git-lfs's transfer agent; git-lfs starts it."""
    raise typer.Exit(lfs_agent.run())


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
    "enabled": "git-lfs sends large files with hfpush now",
    "disabled": "git-lfs no longer sends large files with hfpush",
    "installed": "git runs hfpush for LFS files now",
    "unchanged": "nothing to do",
    "left": "nothing was changed",
    "removed": "git no longer runs hfpush for LFS files",
}


def _agent_lines(found: AgentStatus) -> list[str]:
    if found.program is None:
        return ["agent   none: git-lfs sends large files whole"]
    lines = [f"agent   {found.agent}", f"runs    {found.program}", f"set in  {found.file or 'the command line'}"]
    return [*lines, f"MISSING that program is not there; run: {found.repair}"] if found.repair else lines


def _tell(report: LfsReport | AgentReport, as_json: bool) -> None:
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
