"""The edge of every command: an error becomes a finding and an exit code, never a traceback.

0 done, 1 refused, unavailable or damaged, 2 misuse, 3 our bug, 130 interrupted.
"""

from __future__ import annotations

import functools
import tempfile
import traceback
from collections.abc import Callable
from typing import ParamSpec

import typer

from hfpush.cli import render
from hfpush.errors import HfpushError
from hfpush.findings import Finding
from hfpush.net.redact import redact

P = ParamSpec("P")
INTERRUPTED = 130
OUR_BUG = 3


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """A command that ends with the exit code its error stands for; with `as_json` the finding is a document."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        as_json = bool(kwargs.get("as_json"))
        try:
            command(*args, **kwargs)
        except HfpushError as error:
            _tell(error.finding, as_json)
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            render.say("interrupted; run the same command again, it goes on where it was")
            raise typer.Exit(INTERRUPTED) from None
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except Exception as error:  # noqa: BLE001  # the last stop: say that it is our bug, and keep the evidence
            _tell(_bug(error), as_json)
            raise typer.Exit(OUR_BUG) from None

    return run


def _tell(found: Finding, as_json: bool) -> None:
    if as_json:
        render.document({"error": found.as_json()})
    else:
        render.finding(found)


def _bug(error: Exception) -> Finding:
    text = redact("".join(traceback.format_exception(error)))
    with tempfile.NamedTemporaryFile("w", prefix="hfpush-", suffix=".log", delete=False, encoding="utf-8") as log:
        log.write(text)
    last = redact(f"{type(error).__name__}: {error}")[:300]
    return Finding(
        "bug",
        "This is a mistake in hfpush, not in your files.",
        (last, f"the details are in {log.name}; no token is in them"),
        ("report it with that file", "run the same command again: what was done stays done"),
    )
