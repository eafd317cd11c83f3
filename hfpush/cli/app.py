"""The command `hfpush`: its commands are put together here, one file each."""

from __future__ import annotations

import os
import sys
import threading
from importlib import metadata
from typing import Annotated

import typer

from hfpush.cli import render, streams
from hfpush.cli.late import Late, late_group
from hfpush.errors import HfpushError

_ABOUT_EXIT_CODES = (
    "Exit codes: 0 done; 1 refused, unavailable or damaged; 2 wrong command or settings; 3 a mistake in hfpush; "
    "130 interrupted."
)
# In the order of `hfpush --help`. What a command imports is loaded when it is run.
_COMMANDS = {
    "publish": Late(
        "publish",
        "publish_command",
        (
            "hfpush publish my-model --to ada/my-model",
            "hfpush publish my-model --to ada/my-model --dry-run",
            "hfpush publish . --to ada/my-data --type dataset --private",
        ),
    ),
    "fetch": Late(
        "fetch",
        "fetch_command",
        (
            "hfpush fetch ada/my-model",
            "hfpush fetch ada/my-model config.json '*.safetensors'",
            "hfpush fetch ada/my-data --type dataset --local-dir data",
            "hfpush fetch hf://datasets/ada/my-data@v1/train --dry-run",
        ),
    ),
    "verify": Late(
        "verify",
        "verify_command",
        (
            "hfpush verify",
            "hfpush verify ada/my-model --repair",
            "hfpush verify ada/my-data --type dataset --local-dir data",
        ),
    ),
    "doctor": Late(
        "doctor",
        "doctor_command",
        (
            "hfpush doctor",
            "hfpush doctor my-model --for publish",
            "git push 2>&1 | hfpush doctor --log -",
            "hfpush doctor --explain tls-reset",
        ),
    ),
    "audit": Late(
        "audit",
        "audit_command",
        (
            "hfpush audit my-model",
            "hfpush audit my-model --range main~5..main",
            "hfpush audit my-model --all --above 1MB",
        ),
    ),
    "fix": Late(
        "fix",
        "fix_command",
        ("hfpush fix --dry-run", "hfpush fix my-model --yes", "hfpush fix --undo"),
    ),
    "track": Late("track", "track_command", ("hfpush track", "hfpush track my-model --dry-run")),
    "run": Late(
        "run",
        "run_command",
        (
            "hfpush run -- git push",
            "hfpush run -- hf download ada/my-model",
            "proxychains4 hfpush run -- git lfs pull",
        ),
        takes_all=True,
    ),
    "hook": Late("hook", "app"),
    "lfs": Late("lfs", "app"),
    "endpoint": Late("endpoint", "app"),
    "try": Late("trial", "try_command"),
    "hub": Late("hub", "app"),
}

app = typer.Typer(
    name="hfpush",
    cls=late_group(_COMMANDS),
    help="Publish, mend and fetch Git LFS repositories on the Hugging Face Hub, resumably and verified.",
    epilog=_ABOUT_EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: it can be read in a pipe and copied
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        render.tell(f"hfpush {metadata.version('hfpush')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; ends the process with its exit code.

    Whatever still waits for a server then (after ^C, say) is not waited for.
    """
    streams.settle()
    try:
        app()
    except (HfpushError, OSError) as error:  # --version or --help, onto a full disk
        trouble = streams.unwritable(error) if isinstance(error, OSError) else error
        render.finding(trouble.finding)
        sys.exit(trouble.exit_code)
    except SystemExit as ended:
        if any(not thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread()):
            streams.flush()
            os._exit(ended.code if isinstance(ended.code, int) else 1)
        raise
