"""`hfpush hook`: git's hooks that stop what the Hub would refuse."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from hfpush.cli import render
from hfpush.cli.guard import guarded
from hfpush.cli.late import Late, late_group
from hfpush.cli.options import RepositoryArgument
from hfpush.commands.hook import HookStatus, hook_status, install_hooks, uninstall_hooks
from hfpush.repo.hooks.install import Change
from hfpush.repo.hooks.scripts import HOOK_NAMES, HookName

app = typer.Typer(help="git's hooks that stop what the Hub would refuse.", no_args_is_help=True)
run_app = typer.Typer(
    cls=late_group({name: Late("hook_run", f"run_{name.replace('-', '_')}") for name in HOOK_NAMES}),
    help="What the hooks run; git gives the arguments.",
    no_args_is_help=True,
    hidden=True,
)
app.add_typer(run_app, name="run")

_PrePush = Annotated[bool, typer.Option("--pre-push", help="The hook that runs before a push, not that of commits.")]
_All = Annotated[bool, typer.Option("--all", help="Both hooks.")]


@app.callback()
def _group() -> None:
    pass


@run_app.callback()
def _run_group() -> None:
    pass


@app.command("install")
@guarded
def install_command(path: RepositoryArgument = Path("."), pre_push: _PrePush = False, all_hooks: _All = False) -> None:
    """Have git stop commits that the Hub would refuse.

    Hooks that are there stay and run as before. With --pre-push a push is judged too, and the LFS objects of one to the
    Hub are sent by hfpush.
    """
    for line in change_lines(install_hooks(path, _names(pre_push, all_hooks), _program())):
        render.tell(line)


@app.command("uninstall")
@guarded
def uninstall_command(path: RepositoryArgument = Path("."), pre_push: _PrePush = False) -> None:
    """Take hfpush's part out of the hooks again.

    What else is in them stays as it was. With --pre-push only that hook is changed.
    """
    for line in change_lines(uninstall_hooks(path, ("pre-push",) if pre_push else HOOK_NAMES)):
        render.tell(line)


@app.command("status")
@guarded
def status_command(path: RepositoryArgument = Path(".")) -> None:
    """Say which hooks are there."""
    status = hook_status(path)
    for line in status_lines(status):
        render.tell(line)
    render.findings(status.trouble)
    if status.trouble:
        raise typer.Exit(1)


def _names(pre_push: bool, all_hooks: bool) -> Sequence[HookName]:
    return HOOK_NAMES if all_hooks else ("pre-push",) if pre_push else ("pre-commit",)


def _program() -> Path | None:
    """Where this hfpush is, for a surrounding whose PATH lacks it; None where it was not installed as a program."""
    own = Path(sys.argv[0])
    places = (own, Path(sysconfig.get_path("scripts")) / "hfpush", shutil.which("hfpush"))
    found = (Path(place).absolute() for place in places if place and Path(place).name in ("hfpush", "hfpush.exe"))
    return next((place for place in found if place.is_file()), None)


def change_lines(changes: Sequence[Change]) -> list[str]:
    """What was done, a line for each hook, and what follows from it. Pure."""
    lines = []
    for change in changes:
        before, after = change.before, change.after
        beside = ", beside what is in it" if after.more else ""
        if after.state == "installed":
            word = "is there already" if not change.changed else "renewed" if before.state == "outdated" else "added"
            lines.append(f"{after.name}: {word}{beside} ({after.path})")
            if after.name == "pre-push" and before.state == "absent":
                lines.append("  git lfs install says from now on that a hook exists; the hook runs git-lfs by itself")
        elif change.changed:
            left = "removed" if after.state == "absent" else "taken out; what else is in it stays"
            lines.append(f"{after.name}: {left} ({after.path})")
        else:
            lines.append(f"{after.name}: hfpush is not in it")
    return lines


def status_lines(status: HookStatus) -> list[str]:
    """How the hooks stand, a line for each. Pure."""
    words = {
        "absent": "there is none",
        "without": "hfpush is not in it",
        "installed": "installed",
        "outdated": "of another version of hfpush, which hfpush hook install renews",
    }
    return [
        f"{hook.name}: {words[hook.state]}{'; it does more than that' if hook.more else ''} ({hook.path})"
        for hook in status.hooks
    ]
