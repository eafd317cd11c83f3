"""Options that several commands have, with one wording; and how they become settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from hfpush.cli import render
from hfpush.cli.progress import Progressing
from hfpush.settings import Settings, load_settings

EndpointOption = Annotated[
    str | None,
    typer.Option(
        "--endpoint",
        metavar="WHERE",
        help="A name of hfpush endpoint ls, a URL, or auto: the best way to the Hub. Default: HF_ENDPOINT, else auto.",
    ),
]
TypeOption = Annotated[
    str | None, typer.Option("--type", metavar="TYPE", help="model, dataset or space. Default: model.")
]
JobsOption = Annotated[int | None, typer.Option("--jobs", metavar="N", help="The most requests under way at once.")]
RepositoryArgument = Annotated[
    Path,
    typer.Argument(metavar="PATH", help="A git repository, or a folder in one.", show_default=False, readable=False),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]


def settings_of(flags: dict[str, Any], repo_root: Path | None = None) -> Settings:
    """The settings of a run. Which token goes where is commands/outlet.py's business."""
    return load_settings(flags, repo_root=repo_root)


def remarking(progress: Progressing, *, quiet: bool) -> Callable[[str], None]:
    """Says a line on stderr beside the bars; nothing when `quiet`."""

    def tell(line: str) -> None:
        if progress.trace is not None:
            progress.trace.say(line)
        if not quiet:
            with progress.aside():
                render.say(line)

    return tell
