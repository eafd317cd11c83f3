"""Bytes from one file to another: shared by both where the file system can, else copied by the system, else by us."""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path

from hfpush.disk.sync import sync_file

_FICLONE = 0x40049409  # linux/fs.h
_STEP = 8 << 20
_LEFT_TO_US = {errno.ENOSYS, errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF, errno.EIO}


def copy_start(source: int, target: int, count: int) -> int:
    """Make the first `count` bytes of `source` those of the empty file `target`, in order. Gives how many there were.

    Both are descriptors. Raises OSError.
    """
    with suppress(OSError):  # another file system, or one without this; EXT4 for one
        fcntl.ioctl(target, _FICLONE, source)
        os.ftruncate(target, min(count, os.fstat(target).st_size))
        return os.fstat(target).st_size
    at = _by_the_system(source, target, count)
    while at < count:
        data = os.pread(source, min(_STEP, count - at), at)
        if not data:
            break
        at += os.pwrite(target, data, at)
    return at


def copy_file(source: Path, target: Path) -> None:
    """Make a new file `target` of the bytes of `source`; they are on the disk when this returns. Raises OSError."""
    with source.open("rb", buffering=0) as reader, target.open("xb", buffering=0) as writer:
        copy_start(reader.fileno(), writer.fileno(), os.fstat(reader.fileno()).st_size)
        sync_file(writer.fileno())


def _by_the_system(source: int, target: int, count: int) -> int:
    at = 0
    if not hasattr(os, "copy_file_range"):
        return at
    try:
        while at < count:
            copied = os.copy_file_range(source, target, min(_STEP, count - at), at, at)
            if not copied:
                break
            at += copied
    except OSError as error:
        if error.errno not in _LEFT_TO_US:
            raise
    return at
