"""Options that several commands have, with one wording; and how they become settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from hfpush.hub.token import saved_token
from hfpush.settings import Settings, load_settings

EndpointOption = Annotated[
    str | None,
    typer.Option(
        "--endpoint", metavar="WHERE", help="Where the Hub is: hf, hf-mirror, or a URL. Default: HF_ENDPOINT, else hf."
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


def settings_of(flags: dict[str, Any], repo_root: Path | None = None) -> tuple[Settings, str | None]:
    """The settings of a run, and the token: from the environment, else where `hf auth login` left it."""
    settings = load_settings(flags, repo_root=repo_root)
    return settings, settings.token or saved_token()
