"""The command `hfpush`: its commands are put together here, one file each."""

from __future__ import annotations

from importlib import metadata
from typing import Annotated

import typer

from hfpush.cli import fetch, hub, publish, render, trial

app = typer.Typer(
    name="hfpush",
    help="Publish and fetch Git LFS repositories on the Hugging Face Hub, resumably and verified.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("publish")(publish.publish_command)
app.command("fetch")(fetch.fetch_command)
app.command("try")(trial.try_command)
app.add_typer(hub.app, name="hub")


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
    """Run the command line; ends the process with its exit code."""
    app()
