"""sha256 of many files, two at a time, each read once; a file that changes meanwhile is an error.

What files hashed to is remembered by hash_cache.py. Which files are to be hashed is the caller's decision.
"""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from hfpush.repo.hash_cache import HashCache, signature
from hfpush.repo.reading import changed, open_plain, unreadable

BLOCK = 2**20
THREADS = 2
"""hashlib leaves the interpreter free while it works: two threads keep a disk and two cores busy."""

Progress = Callable[[int], None]
"""Called with the number of bytes just dealt with, one call at a time."""


@dataclass(frozen=True)
class HashedFile:
    """A file as it was when it was hashed: `size` in bytes, `mtime_ns`, and `oid`, its sha256 in lower-case hex."""

    path: Path
    oid: str
    size: int
    mtime_ns: int


def hash_files(
    paths: Iterable[Path], cache: HashCache, *, progress: Progress | None = None, threads: int = THREADS
) -> dict[Path, HashedFile]:
    """Each file's digest, from the cache where it holds it, and noted there where it does not.

    Raises SourceChanged when a file is written to, replaced or removed meanwhile, LocalTrouble when it is not a regular
    file or cannot be read; the other files are given up then. The caller saves the cache.
    """
    run = _Run(cache, progress)
    with ThreadPoolExecutor(threads, thread_name_prefix="hash") as pool:
        try:
            futures = [pool.submit(run.hash, path) for path in dict.fromkeys(paths)]
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()
        finally:
            run.stop.set()
    return {file.path: file for file in (future.result() for future in futures)}


class _Stopped(Exception):
    """Another file failed, so this one is no longer needed."""


class _Run:
    def __init__(self, cache: HashCache, progress: Progress | None) -> None:
        self.stop = threading.Event()
        self._cache = cache
        self._progress = progress
        self._telling = threading.Lock()
        self._buffers = threading.local()

    def hash(self, path: Path) -> HashedFile:
        if self.stop.is_set():
            raise _Stopped
        descriptor = open_plain(path)
        try:
            return self._hash_open(path, descriptor)
        except OSError as error:
            raise unreadable(path, error.strerror or str(error)) from error
        finally:
            os.close(descriptor)

    def _hash_open(self, path: Path, descriptor: int) -> HashedFile:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise unreadable(path, "it is not a regular file")
        oid = self._cache.find(path, signature(before))
        if oid is not None:
            self._tell(before.st_size)
        else:
            oid = self._read(descriptor)
            _check_unchanged(path, before, os.fstat(descriptor))
            self._cache.note(path, signature(before), oid)
        return HashedFile(path, oid, before.st_size, before.st_mtime_ns)

    def _read(self, descriptor: int) -> str:
        buffer = self._buffers.__dict__.setdefault("block", bytearray(BLOCK))
        view = memoryview(buffer)
        digest = hashlib.sha256()
        while count := os.readv(descriptor, [buffer]):
            if self.stop.is_set():
                raise _Stopped
            digest.update(view[:count])
            self._tell(count)
        return digest.hexdigest()

    def _tell(self, count: int) -> None:
        if self._progress is not None:
            with self._telling:
                self._progress(count)


def _check_unchanged(path: Path, before: os.stat_result, after: os.stat_result) -> None:
    if before.st_size != after.st_size:
        raise changed(path, f"it had {before.st_size} bytes and has {after.st_size}")
    if signature(before) != signature(after):
        raise changed(path, "it was written to")
    try:
        named = os.lstat(path)
    except FileNotFoundError as gone:
        raise changed(path, "it is gone") from gone
    if (named.st_ino, named.st_dev) != (before.st_ino, before.st_dev):
        raise changed(path, "another file took its place")
