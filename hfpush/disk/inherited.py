"""A lock that a child process holds with us, so that it stays held when we are killed and the child goes on."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hfpush.disk.trouble import disk_trouble
from hfpush.errors import Busy

_HELD = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES}
_STEP_SECONDS = 0.02


@contextmanager
def hold_with_child(path: Path, what: str, *, wait_seconds: float) -> Iterator[int]:
    """Hold the lock file `path` for the time of a `with` block, waiting for it at most `wait_seconds`.

    What comes back is a descriptor: a child that is given it (`pass_fds`) holds the lock until it ends, too. Where the
    file system has no locks, nothing is held. Raises Busy when another process has it for longer; `what` names the
    thing in the message. Raises LocalTrouble when the file cannot be made.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise disk_trouble(error, path) from error
    try:
        _acquire(descriptor, path, what, time.monotonic() + wait_seconds)
        yield descriptor
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, what: str, until: float) -> None:
    while not _locked(descriptor):
        if time.monotonic() >= until:
            raise Busy.of(
                "busy",
                f"{what} is being worked on by another process.",
                seen=(f"it holds {path}",),
                to_try=("wait until it has finished; then run the same command again",),
            )
        time.sleep(_STEP_SECONDS)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in _HELD
    return True
