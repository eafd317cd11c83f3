"""One command, run as if it had been started in our place: our streams, our terminal, our signals.

It stays in our process group, so a terminal's ^C and ^Z reach it by themselves, and once. A signal that was sent to us
alone (`kill`, a supervisor) is handed on to it. Which environment it gets is decided elsewhere.
"""

from __future__ import annotations

import errno
import os
import shlex
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from hfpush.errors import LocalTrouble
from hfpush.net.redact import redact

NOT_FOUND, NOT_RUNNABLE = 127, 126
"""Exit codes as a shell has them, for a command that does not exist and one that cannot be started."""

_HANDED_ON = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
_IGNORED_BY_PYTHON = ("SIGPIPE", "SIGXFSZ")  # and so by its children, if nobody sets them back
_FROM_THE_KERNEL = 0x80  # SI_KERNEL: a terminal sent it, to the whole group
_POLL_SECONDS = 0.05
_LOOK_SECONDS = 1.0  # a thread that was there before us may have taken the SIGCHLD


@contextmanager
def held_signals() -> Iterator[frozenset[int]]:
    """Within the block the signals that ask us to end wait for `run_child`; those that were ignored stay so (nohup).

    Enter it before any thread is started: threads inherit it. Outside of the main thread it holds nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield frozenset()
        return
    found = [getattr(signal, name) for name in _HANDED_ON if hasattr(signal, name)]
    held = frozenset({*(one for one in found if signal.getsignal(one) != signal.SIG_IGN), signal.SIGCHLD})
    before = signal.pthread_sigmask(signal.SIG_BLOCK, held)
    try:
        yield held
    finally:
        while _next(held, 0.0) is not None:  # the command has had it
            pass
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def run_child(command: Sequence[str], environment: Mapping[str, str], held: frozenset[int]) -> int:
    """Run the command to its end; its exit code, 128 and the number for a signal. `held` is what held_signals gave.

    Raises LocalTrouble (`command-missing`, `command-unusable`) with the shell's exit codes when it cannot be started.
    """
    ignored = [getattr(signal, name) for name in _IGNORED_BY_PYTHON if hasattr(signal, name)]
    try:
        pid = os.posix_spawnp(
            command[0], list(command), dict(environment), setsigmask=_mask_before(held), setsigdef=ignored
        )
    except (OSError, ValueError) as error:
        raise _not_started(command[0], error) from error
    status = None
    try:
        status = _watch(pid, held) if held else os.waitpid(pid, 0)[1]
    finally:
        if status is None:
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    return 128 - code if code < 0 else code


def _mask_before(held: frozenset[int]) -> set[int]:
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, ())) - held


def _watch(pid: int, held: frozenset[int]) -> int:
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        sent = _next(held, _LOOK_SECONDS)
        if sent is not None and sent[0] != signal.SIGCHLD and sent[1] != _FROM_THE_KERNEL:
            os.kill(pid, sent[0])  # it was not waited for yet: the number is still its own


def _next(held: frozenset[int], seconds: float) -> tuple[int, int] | None:
    """The next of these signals and where it is from, None when none comes within `seconds`."""
    if not hasattr(signal, "sigtimedwait"):  # macOS
        return next_polled(held, seconds)
    found = signal.sigtimedwait(held, seconds)
    return None if found is None else (found.si_signo, found.si_code)


def next_polled(held: frozenset[int], seconds: float) -> tuple[int, int] | None:
    """As `_next`, where the system cannot say who sent a signal, and perhaps not that a child has ended: it returns
    early, and takes SIGINT and SIGQUIT for a terminal's."""
    if not signal.sigpending() & held:
        time.sleep(min(seconds, _POLL_SECONDS))
    pending = signal.sigpending() & held
    if not pending:
        return None
    number = signal.sigwait(pending)
    return int(number), _FROM_THE_KERNEL if number in (signal.SIGINT, signal.SIGQUIT) else 0


def _not_started(program: str, error: OSError | ValueError) -> LocalTrouble:
    shown = redact(program)[:200]
    if isinstance(error, OSError) and error.errno in (errno.ENOENT, errno.ENOTDIR):
        trouble = LocalTrouble.of(
            "command-missing",
            f"There is no command {shown}.",
            seen=("looked for in PATH" if "/" not in program else "no such file, or its interpreter is missing",),
            to_try=(f"command -v {shlex.quote(shown)}",) if "/" not in program else (f"ls -l {shlex.quote(shown)}",),
        )
        trouble.exit_code = NOT_FOUND
        return trouble
    why = error.strerror or str(error) if isinstance(error, OSError) else str(error)
    trouble = LocalTrouble.of("command-unusable", f"The command {shown} cannot be started.", seen=(why,))
    trouble.exit_code = NOT_RUNNABLE
    return trouble
