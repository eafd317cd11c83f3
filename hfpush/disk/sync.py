"""Making sure that bytes have reached the disk, for one file or for many at once."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

_LEFT_OUT = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP}  # file systems without it: then it is up to them
_FEW = 4
_MUCH = 64 << 20  # bytes that wait for the disk, of whatever process ...
_MUCH_EACH = 2 << 20  # ... and as many for each file are still cheaper than a request of its own
_THREADS = 8


def sync_file(fd: int) -> None:
    """The bytes of an open file are on the disk when this returns. Raises OSError."""
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in _LEFT_OUT:
            raise


def sync_files(paths: Sequence[Path]) -> None:
    """The bytes of files of one file system are on its disk when this returns. Raises OSError.

    Many together are one request to the system, unless a lot of other bytes are waiting for the disk, which that would
    wait for as well; then each file is asked for by itself, several at a time.
    """
    if len(paths) > _FEW and _waiting() < max(_MUCH, len(paths) * _MUCH_EACH) and _sync_all_of(paths[0].parent):
        return
    if len(paths) == 1:
        _sync_path(paths[0])
        return
    with ThreadPoolExecutor(_THREADS, "hfpush-sync") as threads:
        for _ in threads.map(_sync_path, paths):
            pass


def _sync_path(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    try:
        sync_file(fd)
    finally:
        os.close(fd)


def _waiting() -> int:
    """How many bytes wait for any disk; more than any limit where that is not told."""
    try:
        with open("/proc/meminfo", "rb", buffering=0) as file:
            lines = file.read(8192).split(b"\n")
    except OSError:
        return sys.maxsize
    facts = dict(line.split(b":", 1) for line in lines if b":" in line)
    return sum(int(facts.get(name, b"0 kB").split()[0]) << 10 for name in (b"Dirty", b"Writeback"))


def _sync_all_of(folder: Path) -> bool:
    """Write out the whole file system; False where there is no such request (it is Linux's)."""
    call = _syncfs()
    if call is None:
        return False
    fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        ctypes.set_errno(0)
        if call(fd) == 0:
            return True
        number = ctypes.get_errno()
        if number in _LEFT_OUT:
            return False
        raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(fd)


@cache
def _syncfs() -> Any:
    return getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None) if sys.platform == "linux" else None
