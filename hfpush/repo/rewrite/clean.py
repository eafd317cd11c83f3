"""The bytes of blobs, moved to the store of LFS objects: what a clean filter does, without the filter.

Content goes through in blocks, whatever its size, and lies in the store as the filter would have put it there
(filter/store.py). But history is about to lose these bytes: so they are synced to the disk, and an object that is there
already is read before it is believed.
"""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from hfpush.disk.trouble import disk_trouble
from hfpush.errors import Damaged, LocalTrouble
from hfpush.lfs.pointer import Pointer
from hfpush.repo.filter.store import Store, StoreDraft, shared_mode
from hfpush.repo.process import SMALL_WINDOWS, Git
from hfpush.repo.repository import setting_of

BLOCK = 2**20
_NO_SYNC = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP}  # file systems that leave it out: then it is up to them

Stored = Callable[[int], None]
"""Called with the number of bytes just dealt with."""


def clean(git: Git, blobs: Mapping[str, int], store: Path, stored: Stored) -> dict[str, Pointer]:
    """Puts each blob (id and size) into the store (its folder of objects) and says its pointer.

    Raises LocalTrouble when the disk refuses; nothing that this call has put there stays then. Raises Damaged when git
    cannot give a blob whole.
    """
    if not blobs:
        return {}
    new: list[Path] = []
    place = Store((store,), mode=shared_mode(setting_of(git, "core.sharedRepository")))
    try:
        return _clean(git, blobs, place, stored, new)
    except LocalTrouble:
        for path in new:
            with suppress(OSError):  # a file that stays is whole, and named by its content
                path.unlink()
        raise


def _clean(git: Git, blobs: Mapping[str, int], store: Store, stored: Stored, new: list[Path]) -> dict[str, Pointer]:
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


def _store(stream: IO[bytes], id: str, size: int, store: Store, stored: Stored, new: list[Path]) -> Pointer:
    draft = store.draft()
    try:
        pointer = Pointer(_copy(stream, id, size, draft, stored), size)
        target = store.path(pointer.oid)
        try:
            if _is_good(target, pointer):
                return pointer
            target.unlink(missing_ok=True)
        except OSError as error:
            raise disk_trouble(error, target) from error
        draft.keep(pointer)
        new.append(target)
    finally:
        draft.discard()
    return pointer


def _copy(stream: IO[bytes], id: str, size: int, draft: StoreDraft, stored: Stored) -> str:
    digest, left = hashlib.sha256(), size
    buffer = memoryview(bytearray(min(BLOCK, size)))
    while left:
        count = stream.readinto(buffer[: min(len(buffer), left)])  # type: ignore[attr-defined]
        if not count:
            raise _damaged(id)
        digest.update(buffer[:count])
        draft.write(buffer[:count])
        left -= count
        stored(count)
    return digest.hexdigest()


def _is_good(path: Path, pointer: Pointer) -> bool:
    """Whether the store holds the object already, as it must be: what is damaged is replaced."""
    try:
        if path.stat().st_size != pointer.size:
            return False
    except FileNotFoundError:
        return False
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest() == pointer.oid


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
