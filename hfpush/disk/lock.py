"""One at a time: a lock file that the system lets go of when its holder dies. The only import of filelock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from hfpush.disk.folder import make_folder
from hfpush.errors import Busy, LocalTrouble


@contextmanager
def hold(path: Path, what: str, *, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the lock file `path` for the time of a `with` block, waiting for it at most `wait_seconds`.

    Raises Busy when another process (or thread) has it; `what` names the thing in the message, for example
    "The folder ./model". Raises LocalTrouble when the file cannot be made.
    """
    lock = filelock.FileLock(path, timeout=wait_seconds, thread_local=False)
    try:
        make_folder(path.parent)
        lock.acquire()
    except filelock.Timeout as error:
        raise Busy.of(
            "busy",
            f"{what} is being worked on by another hfpush.",
            seen=(f"it holds {path}",),
            to_try=("wait until it has finished, or stop it; then run the same command again",),
        ) from error
    except (OSError, NotImplementedError) as error:  # the latter: older filelock, where the file system has no locks
        why = error.strerror if isinstance(error, OSError) else None
        raise LocalTrouble.of(
            "state-unwritable",
            "A lock file cannot be made.",
            seen=(f"{path}: {why or error}",),
            to_try=("set HFPUSH_STATE_DIR to a folder that can be written, on a disk of this machine",),
        ) from error
    try:
        yield
    finally:
        lock.release()
