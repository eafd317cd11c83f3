"""The edge of every command: an error becomes a finding and an exit code, never a traceback.

0 done, 1 refused, unavailable or damaged, 2 misuse, 3 our bug, 130 interrupted (128 and the number of another signal
that ended it).
"""

from __future__ import annotations

import functools
import os
import shlex
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from typing import ParamSpec

import typer

from hfpush.cli import render
from hfpush.cli.signals import Signalled, signals_raised
from hfpush.errors import HfpushError
from hfpush.findings import Finding
from hfpush.net.redact import redact

P = ParamSpec("P")
OUR_BUG = 3
_AGAIN = "run the same command again; it goes on where it was"
_ANEW = "run the same command again"
_LAST_LINES = 12
_GO_ON = ("publish", "fetch", "verify")  # the others begin again, or were started by git


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """A command that ends with the exit code its error stands for; with `as_json` the finding is a document."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        as_json = bool(kwargs.get("as_json"))
        with signals_raised():
            try:
                command(*args, **kwargs)
            except HfpushError as error:
                raise typer.Exit(_tell(error.finding, as_json, error.exit_code, also=error.also)) from None
            except KeyboardInterrupt as ended:
                raise typer.Exit(_ended(ended, as_json)) from None
            except (typer.Exit, typer.Abort, typer.BadParameter):
                raise
            except Exception as error:  # noqa: BLE001  # the last stop: say that it is our bug, and keep the evidence
                raise typer.Exit(_tell(bug(error), as_json, OUR_BUG)) from None

    return run


def _tell(found: Finding, as_json: bool, exit_code: int, *, also: Sequence[Finding] = ()) -> int:
    """Show the finding and what else was found; the exit code to end with."""
    try:
        if as_json:
            more = {"also": [_safe(one) for one in also]} if also else {}
            render.document({"error": _safe(found), **more})
        else:
            render.findings((found, *also))
    except HfpushError as unwritable:
        render.finding(unwritable.finding)
        return exit_code or unwritable.exit_code
    return exit_code


def _safe(found: Finding) -> dict[str, object]:
    """A finding's document, with the texts as the screen has them."""
    shown = {
        key: [redact(line) for line in value] if isinstance(value, list) else redact(str(value))
        for key, value in found.as_json().items()
    }
    return dict(shown)


def _ended(ended: KeyboardInterrupt, as_json: bool) -> int:
    number = ended.number if isinstance(ended, Signalled) else signal.SIGINT
    how = f"ended by {signal.Signals(number).name}" if isinstance(ended, Signalled) else "interrupted"
    exit_code = 128 + number
    command = command_again(sys.argv)
    again = _ANEW if sys.argv[1:2] == ["verify"] and "--repair" not in sys.argv else _AGAIN  # it only reads
    if as_json:
        remedy = (again,) if command is None else (again, command)
        return _tell(Finding("interrupted", f"The command was {how}.", remedy=remedy), as_json, exit_code)
    render.say(f"{how}; {again}")
    if command is not None:
        render.say(f"  {command}")
    return exit_code


def command_again(words: Sequence[str]) -> str | None:
    """The command line that goes on where this one was, for a shell; None where it is not the user's, or would show
    a secret."""
    if len(words) < 2 or words[1] not in _GO_ON:
        return None
    line = shlex.join(["hfpush", *words[1:]])
    return line if redact(line) == line else None


def bug(error: Exception) -> Finding:
    """The finding for a mistake of ours; its details are in a file then, without a token."""
    secrets = [value for name, value in os.environ.items() if name.endswith("_TOKEN") and len(value) >= 8]
    text = redact("".join(traceback.format_exception(error)), *secrets)
    last = redact(f"{type(error).__name__}: {error}", *secrets)[:300]
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="hfpush-", suffix=".log", delete=False, encoding="utf-8", errors="backslashreplace"
        ) as log:
            log.write(text)
    except OSError:
        evidence = (last, *text.splitlines()[-_LAST_LINES:])
        how = "report it with the lines above"
    else:
        evidence = (last, f"the details are in {log.name}; no token is in them")
        how = "report it with that file"
    return Finding(
        "bug",
        "This is a mistake in hfpush, not in your files.",
        evidence,
        (how, "run the same command again: what was done stays done"),
    )
