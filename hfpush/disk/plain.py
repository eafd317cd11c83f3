"""Small files of ours in places where others may write as well: read in bounded time and memory, whatever lies there.

Opening a pipe waits until somebody writes into it, and a device may have no end. Nothing but a regular file is read.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def read_plain(path: Path, at_most: int) -> bytes:
    """The bytes of the file at `path`, or where a link there leads.

    Raises OSError: also for what is no regular file (EINVAL), and for one of more than `at_most` bytes (EFBIG).
    """
    fd = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    with open(fd, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        if os.fstat(fd).st_size > at_most:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
        return file.read(at_most)


def beginning_of(path: Path, at_most: int) -> bytes:
    """The first `at_most` bytes of the file at `path`, or where a link there leads. Raises OSError: also for what is no
    regular file (EINVAL)."""
    fd = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    with open(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        return file.read(at_most)


def is_ours_alone(facts: os.stat_result) -> bool:
    """Whether what has these facts is a regular file under one name only: writing into it changes nothing else."""
    return stat.S_ISREG(facts.st_mode) and facts.st_nlink <= 1
