"""sha256 of many files, two at a time, each read once; a file that changes meanwhile is an error.

What files hashed to is remembered by hash_cache.py. Which files are to be hashed is the caller's decision.
"""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path
from typing import NamedTuple

from hfpush.repo.hash_cache import HashCache, signature
from hfpush.repo.reading import changed, open_plain, unreadable

BLOCK = 2**20
THREADS = 2
"""hashlib leaves the interpreter free while it works: two threads keep a disk and two cores busy."""
_SMALL = 2**18  # below it, threads wait for each other more than they hash

Progress = Callable[[int], None]
"""Called with the number of bytes just dealt with, one call at a time."""


class HashedFile(NamedTuple):
    """A file as it was when it was hashed: `oid`, its sha256 in lower-case hex, `size` in bytes, and `mtime_ns`."""

    oid: str
    size: int
    mtime_ns: int


def hash_files(
    paths: Iterable[Path], cache: HashCache, *, progress: Progress | None = None, threads: int = THREADS
) -> dict[Path, HashedFile]:
    """Each file's digest, by its path; the rest as `hash_all` has it."""
    wanted = list(dict.fromkeys(paths))
    return dict(zip(wanted, hash_all(list(map(str, wanted)), cache, progress=progress, threads=threads), strict=True))


def hash_all(
    paths: Sequence[str], cache: HashCache, *, progress: Progress | None = None, threads: int = THREADS
) -> list[HashedFile]:
    """Each file's digest, in order, from the cache where it holds it, and noted there where it does not.

    Raises SourceChanged when a file is written to, replaced or removed meanwhile, LocalTrouble when it is not a regular
    file or cannot be read; the other files are given up then. The caller saves the cache.
    """
    run = _Run(cache, progress)
    done: dict[str, HashedFile] = {}
    large = []
    for path in dict.fromkeys(paths):
        # Small files are dealt with here and now: to hand one to a thread costs more than to hash it.
        file = run.hash_small(path)
        if file is None:
            large.append(path)
        else:
            done[path] = file
    if large:
        done.update(zip(large, _in_threads(run, large, threads), strict=True))
    return [done[path] for path in paths]


def _in_threads(run: _Run, paths: Sequence[str], threads: int) -> list[HashedFile]:
    with ThreadPoolExecutor(threads, thread_name_prefix="hash") as pool:
        try:
            futures = [pool.submit(run.hash, path) for path in paths]
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()
        finally:
            run.stop.set()
    return [future.result() for future in futures]


class _Stopped(Exception):
    """Another file failed, so this one is no longer needed."""


class _Run:
    def __init__(self, cache: HashCache, progress: Progress | None) -> None:
        self.stop = threading.Event()
        self._cache = cache
        self._progress = progress
        self._telling = threading.Lock()
        self._buffers = threading.local()

    def hash(self, path: str) -> HashedFile:
        """Hash a file of any size."""
        if self.stop.is_set():
            raise _Stopped
        file = self._opened(path, limit=None)
        assert file is not None
        return file

    def hash_small(self, path: str) -> HashedFile | None:
        """Hash a file of at most _SMALL bytes; None for a larger one."""
        return self._opened(path, limit=_SMALL)

    def _opened(self, path: str, *, limit: int | None) -> HashedFile | None:
        descriptor = open_plain(path)
        try:
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                raise unreadable(path, "it is not a regular file")
            if limit is not None and before.st_size > limit:
                return None
            return HashedFile(self._oid(path, descriptor, before), before.st_size, before.st_mtime_ns)
        except OSError as error:
            raise unreadable(path, error.strerror or str(error)) from error
        finally:
            os.close(descriptor)

    def _oid(self, path: str, descriptor: int, before: os.stat_result) -> str:
        known = self._cache.find(path, signature(before))
        if known is not None:
            self._tell(before.st_size)
            return known
        small = before.st_size <= _SMALL
        oid = self._read_small(descriptor, before.st_size) if small else self._read(descriptor)
        _check_unchanged(path, before, os.fstat(descriptor))
        self._cache.note(path, signature(before), oid)
        return oid

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

    def _read_small(self, descriptor: int, size: int) -> str:
        content = os.read(descriptor, size + 1)
        if len(content) != size:  # it changed, which is found out next, or its file system gives it in pieces
            os.lseek(descriptor, 0, os.SEEK_SET)
            return self._read(descriptor)
        self._tell(size)
        return hashlib.sha256(content).hexdigest()

    def _tell(self, count: int) -> None:
        if self._progress is not None:
            with self._telling:
                self._progress(count)


def _check_unchanged(path: str, before: os.stat_result, after: os.stat_result) -> None:
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
