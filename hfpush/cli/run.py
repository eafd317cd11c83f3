"""`hfpush run`: any command, with its HTTP traffic carried as ours is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hfpush.cli import render
from hfpush.cli.guard import guarded
from hfpush.cli.log import LogOption, logged
from hfpush.cli.options import EndpointOption, settings_of
from hfpush.commands.outlet import network_for
from hfpush.commands.run import RunRequest, environment_changes, run


@guarded
def run_command(
    command: Annotated[
        list[str] | None, typer.Argument(metavar="COMMAND", help="The command with its arguments, after --.")
    ] = None,
    endpoint: EndpointOption = None,
    log: LogOption = None,
    print_env: Annotated[
        bool,
        typer.Option("--print-env", help="Print what the command's environment would have else, and run nothing."),
    ] = False,
) -> None:
    """Run any command with its web traffic carried by hfpush.

    What git, git-lfs, hf, curl, pip and most other tools send goes through the proxy or the wrapper that hfpush itself
    runs under, also where they could not use it by themselves, and TLS handshakes that are cut are made again. The exit
    code is the command's, 128 and its number for a signal that ended it, 127 when there is no such command. What was
    met on the way is told at the end.
    """
    if not command and not print_env:
        raise typer.BadParameter("give the command after --, as in: hfpush run -- git push", param_hint="COMMAND")
    with logged(log, settings_of({"endpoint": endpoint})) as settings:
        request = RunRequest(tuple(command or ()), network_for(settings, settings.usual_endpoint, Path.cwd()))
        if print_env:
            for name, value in environment_changes(request).items():
                render.tell(f"{name} is taken away" if value is None else f"{name}={value}")
            return
        report = run(request, lambda line: render.say(f"hfpush run: {line}"))
    render.findings((*request.network.notes, *report.findings))
    raise typer.Exit(report.exit_code)
