"""The three standard streams as a command line needs them: there, and never the reason why the work fails.

What is written to them is render.py's business.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import TextIO

from hfpush.errors import LocalTrouble


def settle() -> None:
    """Call it once, before anything else is opened.

    A stream that was closed (`>&-`) leads to nowhere from now on: otherwise the next file or connection would get its
    number, and what is printed would land in it. What a stream's encoding lacks is written out (`\\xf6`).
    """
    for number in (0, 1, 2):
        if not _is_open(number):
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  # for as long as we live
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def write_result(text: str | bytes) -> None:
    """Write to stdout, bytes as they are. Whoever stopped reading (`| head`) has enough, and is no failure.

    Raises LocalTrouble (`output-unwritable`) when it cannot be written for another reason: a full disk.
    """
    try:
        _write(sys.stdout, text)
    except OSError as error:
        raise unwritable(error) from error


def unwritable(error: OSError) -> LocalTrouble:
    """The error that standard output does not take what is to be written there; no more is tried to be."""
    _lead_nowhere(sys.stdout)  # whoever wrote, what is still in the buffer would fail once more when Python ends
    return LocalTrouble.of(
        "output-unwritable",
        "The work is done, but what is to be said about it cannot be written to standard output.",
        seen=(f"standard output: {error.strerror or error}",),
        to_try=("write it to another place, and run the same command again: what was done stays done",),
    )


def write_talk(text: str) -> None:
    """Write to stderr; what cannot be written there is lost, and the work goes on."""
    try:
        _write(sys.stderr, text)
    except (OSError, ValueError):  # ValueError: it is closed
        return


def flush() -> None:
    """Bring everything out that was written; for an end without Python's own."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()


def show_cursor() -> None:
    """Give a terminal its cursor back, for an end without anybody's cleaning up."""
    with suppress(OSError):
        if os.isatty(2):
            os.write(2, b"\x1b[?25h\n")


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _write(stream: TextIO, text: str | bytes) -> None:
    try:
        if isinstance(text, str):
            stream.write(text)
        else:
            stream.flush()
            stream.buffer.write(text)
        stream.flush()
    except BrokenPipeError:
        _lead_nowhere(stream)
    except OSError:
        _lead_nowhere(stream)
        raise


def _lead_nowhere(stream: TextIO) -> None:
    """Point the stream's number to nowhere, so that neither we nor Python at its end meet the failure again."""
    try:
        number = stream.fileno()
    except (OSError, ValueError):  # a stream in memory
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
