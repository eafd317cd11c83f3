"""`hfpush lfs filter-process`, `clean` and `smudge`: what git itself runs. Kept apart from the command line, which
takes longer to load than most files take to be filtered.

Standard output belongs to git: whatever else prints, prints to standard error.
"""

from __future__ import annotations

import fcntl
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from hfpush.cli import streams
from hfpush.commands.lfs_filter import Started, Write, clean_once, filter_process, smudge_once
from hfpush.errors import HfpushError
from hfpush.findings import Finding

COMMANDS = ("filter-process", "clean", "smudge")
_PIPE_BYTES = 2**20


def run(command: str, arguments: Sequence[str] = ()) -> int:
    """Do what one of COMMANDS says, with standard input and output; the exit code. `arguments` name a file."""
    streams.settle()
    out = os.dup(1)
    os.dup2(2, 1)
    for pipe in (0, out):
        _widen(pipe)
    started = Started(Path.cwd(), os.environ, _tell)
    path = os.fsencode(next((one for one in arguments if one != "--"), ""))
    try:
        with io.BufferedReader(io.FileIO(0, closefd=False), _PIPE_BYTES) as stream:
            if command == "clean":
                clean_once(started, stream, _writer(out))
            elif command == "smudge":
                smudge_once(started, stream, _writer(out), path)
            else:
                filter_process(started, stream, _writer(out))
    except BrokenPipeError:
        return 1  # git has gone away, and nobody is left to be told
    except KeyboardInterrupt:
        return 130  # git was interrupted as well, and says so
    except HfpushError as error:
        _tell(error.finding)
        return error.exit_code
    except Exception as error:  # noqa: BLE001  (the guard makes a finding of it)
        return _bug(error)
    return 0


def _writer(number: int) -> Write:
    def write(data: bytes | memoryview) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(number, view) :]

    return write


def _widen(pipe: int) -> None:
    """Let a pipe hold more, so that git and we wait for each other less often. Linux only."""
    with suppress(OSError, AttributeError):  # no pipe, or more than the system allows
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)  # type: ignore[attr-defined,unused-ignore]


def _tell(found: Finding) -> None:
    from hfpush.cli import render  # only when there is something to say

    render.finding(found)


def _bug(error: Exception) -> int:
    import typer

    from hfpush.cli.guard import guarded

    def again() -> None:
        raise error

    try:
        guarded(again)()
    except typer.Exit as ended:
        return ended.exit_code
    return 3


def is_asked(arguments: Sequence[str]) -> bool:
    """Whether a command line is one of these."""
    return len(arguments) >= 2 and arguments[0] == "lfs" and arguments[1] in COMMANDS and "--help" not in arguments


def main(arguments: Sequence[str]) -> None:
    """Run such a command line; ends the process."""
    code = run(arguments[1], arguments[2:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # a thread may still wait for a server, and has nobody to tell
