"""The bytes of blobs, moved to the store of LFS objects: what a clean filter does, without the filter.

    <store>/../tmp/hfpush-<pid>-<x>     an object in the making; the filter removes what was left
    <store>/ab/cd/abcd…                 the object, named by its sha256

Content goes through in blocks, whatever its size. An object is named by its content, so that storing it again changes
nothing.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from hfpush.disk.trouble import disk_trouble
from hfpush.errors import Damaged, LocalTrouble
from hfpush.lfs.pointer import Pointer
from hfpush.repo.process import SMALL_WINDOWS, Git

BLOCK = 2**20
_NO_SYNC = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP}  # file systems that leave it out: then it is up to them

Stored = Callable[[int], None]
"""Called with the number of bytes just dealt with."""


def clean(git: Git, blobs: Mapping[str, int], store: Path, stored: Stored) -> dict[str, Pointer]:
    """Puts each blob (id and size) into the store and says its pointer.

    Raises LocalTrouble when the disk refuses; nothing that this call has put there stays then. Raises Damaged when git
    cannot give a blob whole.
    """
    if not blobs:
        return {}
    new: list[Path] = []
    try:
        return _clean(git, blobs, store, stored, new)
    except LocalTrouble:
        for path in new:
            with suppress(OSError):  # a file that stays is whole, and named by its content
                path.unlink()
        raise


def path_in(store: Path, oid: str) -> Path:
    """Where an object is in a store."""
    return store / oid[:2] / oid[2:4] / oid


def _clean(git: Git, blobs: Mapping[str, int], store: Path, stored: Stored, new: list[Path]) -> dict[str, Pointer]:
    pointers = {}
    with tempfile.TemporaryFile() as wanted:
        wanted.write("".join(f"{id}\n" for id in blobs).encode())
        wanted.seek(0)
        with git.running("cat-file", "--batch", "--buffer", stdin=wanted, settings=SMALL_WINDOWS) as process:
            assert process.stdout is not None
            for id, size in blobs.items():
                head = process.stdout.readline()
                if head != f"{id} blob {size}\n".encode():
                    raise _damaged(id)
                pointers[id] = _store(process.stdout, id, size, store, stored, new)
                process.stdout.read(1)
    for path in new:
        _sync(path)
    return pointers


def _store(stream: IO[bytes], id: str, size: int, store: Path, stored: Stored, new: list[Path]) -> Pointer:
    aside = store.parent / "tmp" / f"hfpush-{os.getpid()}-{secrets.token_hex(6)}"
    try:
        aside.parent.mkdir(parents=True, exist_ok=True)
        try:
            oid = _copy(stream, id, size, aside, stored)
            target = path_in(store, oid)
            if not _is_good(target, oid, size):
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(aside, target)
                new.append(target)
        finally:
            with suppress(FileNotFoundError):
                aside.unlink()
    except OSError as error:
        raise disk_trouble(error, store) from error
    return Pointer(oid, size)


def _copy(stream: IO[bytes], id: str, size: int, aside: Path, stored: Stored) -> str:
    digest, left = hashlib.sha256(), size
    buffer = memoryview(bytearray(min(BLOCK, size)))
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    with open(descriptor, "wb", buffering=0) as file:
        while left:
            count = stream.readinto(buffer[: min(len(buffer), left)])  # type: ignore[attr-defined]
            if not count:
                raise _damaged(id)
            digest.update(buffer[:count])
            block = buffer[:count]
            while block:
                block = block[file.write(block) :]
            left -= count
            stored(count)
    return digest.hexdigest()


def _is_good(path: Path, oid: str, size: int) -> bool:
    """Whether the store holds the object already, as it must be: what is damaged is replaced."""
    try:
        if path.stat().st_size != size:
            return False
    except FileNotFoundError:
        return False
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest() == oid


def _sync(path: Path) -> None:
    # All at the end: most are on the disk by then, and many small ones do not wait for it one after the other.
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in _NO_SYNC:
                raise
        finally:
            os.close(descriptor)
    except OSError as error:
        raise disk_trouble(error, path) from error


def _damaged(id: str) -> Damaged:
    return Damaged.of(
        "repo-damaged",
        "git could not give a file of the history whole.",
        seen=(f"blob {id}",),
        to_try=("git fsck, which says what is wrong",),
    )
