"""The option `--log FILE`: the trace of a run, from its first line to what it ended with."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from hfpush.cli import render
from hfpush.commands.versions import versions
from hfpush.errors import HfpushError, Misuse
from hfpush.findings import Finding
from hfpush.net.proxies import password_in
from hfpush.net.trace import Trace
from hfpush.settings import Settings

LogOption = Annotated[
    Path | None,
    typer.Option(
        "--log", metavar="FILE", help="Append what is done on the network to FILE; no token and no signed URL is in it."
    ),
]

_PROXIES = tuple(f"{name}_proxy" for name in ("http", "https", "all", "ftp"))


@contextmanager
def logged(path: Path | None, settings: Settings, *, published: Path | None = None) -> Iterator[Settings]:
    """The settings, with a network that is traced into the file at `path`, which is opened before anything is done.

    `published` is a folder whose files will all be published: the log must not be among them. Raises LocalTrouble
    (`log-unwritable`), Misuse (`log-published`).
    """
    if path is None:
        yield settings
        return
    if published is not None and path.resolve().is_relative_to(published.resolve()):
        raise Misuse.of(
            "log-published",
            "The log would be published with the folder.",
            seen=(f"{path} is in {published}",),
            to_try=("name a file outside of it",),
        )
    trace = Trace.open(path, secrets=(settings.token or "", *secrets_of(os.environ)))
    try:
        for line in versions():
            trace.say(line)
        yield replace(settings, network=replace(settings.network, trace=trace))
        trace.say("done")
    except HfpushError as error:
        for one in (error.finding, *error.also):
            trace.finding(one)
        raise
    except BaseException as error:
        trace.say(f"ended by {type(error).__name__}: {error}")
        raise
    finally:
        trace.close()
        if trace.trouble is not None:
            message = "The log is not complete."
            render.finding(Finding("log-incomplete", message, (f"{path}: {trace.trouble}",), severity="note"))


def secrets_of(environment: Mapping[str, str]) -> list[str]:
    """What must not be shown of an environment: tokens, and the passwords in the addresses of proxies. Pure."""
    secrets = [value for name, value in environment.items() if name.upper().endswith(("_TOKEN", "_PASSWORD"))]
    proxies = [value for name, value in environment.items() if name.lower() in _PROXIES]
    return [secret for secret in (*secrets, *map(password_in, proxies)) if secret]
