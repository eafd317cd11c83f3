"""What a failed disk operation amounts to, as one finding each. Pure."""

from __future__ import annotations

import errno
from pathlib import Path

from hfpush.errors import LocalTrouble

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_NOT_A_FOLDER = {errno.ENOTDIR, errno.EEXIST}
_TAKEN_BY_FOLDER = {errno.EISDIR, errno.ENOTEMPTY}


def disk_trouble(error: OSError, path: Path | str) -> LocalTrouble:
    """The LocalTrouble that `error` at `path` is: a full disk, a missing right, a file where a folder must be, ..."""
    place = error.filename if isinstance(error.filename, str) else str(path)
    seen = (f"{place}: {error.strerror or type(error).__name__}",)
    if error.errno in _FULL:
        return disk_full(seen)
    if error.errno in _FORBIDDEN:
        return LocalTrouble.of(
            "place-unwritable",
            "We may not write where the files must go.",
            seen=seen,
            to_try=("give yourself the right to write there, or name another folder",),
        )
    if error.errno in _NOT_A_FOLDER:
        return LocalTrouble.of(
            "not-a-folder",
            "There is a file where a folder must be.",
            seen=seen,
            to_try=("move it away, or name another folder",),
        )
    if error.errno in _TAKEN_BY_FOLDER:
        return LocalTrouble.of(
            "not-a-file",
            "There is a folder where a file must be.",
            seen=seen,
            to_try=("move it away, or name another folder",),
        )
    if error.errno == errno.EFBIG:
        return LocalTrouble.of(
            "file-too-large-for-disk",
            "The disk does not take a file of this size.",
            seen=seen,
            to_try=("use a disk whose file system takes large files, or raise the limit (ulimit -f)",),
        )
    if error.errno == errno.ENAMETOOLONG:
        return LocalTrouble.of(
            "name-too-long",
            "A file's name is too long for this disk.",
            seen=seen,
            to_try=("name a folder with a shorter path",),
        )
    return LocalTrouble.of("disk-failed", "The disk refuses.", seen=seen, to_try=("check the disk",))


def disk_full(seen: tuple[str, ...]) -> LocalTrouble:
    """The finding of a disk without room; what has arrived stays, so the same command goes on later."""
    return LocalTrouble.of(
        "disk-full",
        "There is not enough room on the disk.",
        seen=seen,
        to_try=("make room, or name a folder on another disk; then run the same command again",),
    )
