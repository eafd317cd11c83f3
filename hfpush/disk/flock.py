"""Whether a lock file can be locked at all: a network file system may lack locks, another user's file our rights.

Asked before filelock is, because in place of a missing flock it takes the mere presence of the file for a lock; and
the lock files of huggingface_hub are always present.
"""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

from hfpush.disk.folder import make_folder, share

_MODE = 0o664  # as huggingface_hub makes them: people who share a cache through a group share its locks
_HELD = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES}


def can_lock(path: Path) -> bool:
    """Make the lock file at `path`, with mode 664, if it is not there; False when locks do not work there."""
    try:
        make_folder(path.parent)
        fd = _open(path)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in _HELD
    finally:
        os.close(fd)  # and with it the lock
    return True


def lock_living(path: Path) -> tuple[int, bool]:
    """Lock a file that others may remove at any time, made with mode 600 if it is not there; wait for who has it.

    Gives the open file, whose closing lets go, and whether there was a wait. What is locked is what lies at `path`
    then, not a file that was removed meanwhile. Without locks there is no wait, and no lock. Raises OSError.
    """
    waited = False
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno not in _HELD:
                    return fd, waited
                waited = True
                fcntl.flock(fd, fcntl.LOCK_EX)
            if _lies_at(fd, path):
                return fd, waited
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)


def _lies_at(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), os.stat(path))
    except FileNotFoundError:
        return False


def _open(path: Path) -> int:
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        fd = os.open(path, flags | os.O_CREAT | os.O_EXCL, _MODE)
    except FileExistsError:
        return os.open(path, flags)
    os.fchmod(fd, _MODE)
    share(fd, path.parent)
    return fd
