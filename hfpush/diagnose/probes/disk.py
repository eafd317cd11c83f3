"""A folder that is written to: on which file system it is, and whether locks, renames and syncs work there, how fast.

It is tried with a file of our own that has no name any more when the slow parts begin, so that nothing is left behind,
whenever we are stopped. A folder that is not there yet is not made: the nearest one above it stands for it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from hfpush.diagnose.facts.repository import Disk
from hfpush.diagnose.mounts import mount_of, over_network
from hfpush.diagnose.side_by_side import Asking

_BLOCK = bytes(256 * 1024)
_MOST_BYTES = 4 * 2**20
_LEAST_SECONDS = 1.0  # with less than that to spend, no rate is measured
_RATE_SHARE = 0.5
_HELD = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES}
_MOUNTS = Path("/proc/self/mounts")


def look_at_disk(path: Path, role: str, seconds: float) -> Disk:
    """What can be said of the disk below `path` within `seconds`; never raises, and never takes longer. With a second
    and more a few MB are written, to see how fast that is. What did not answer in time is in `problem`."""
    looking = _Looking(Disk(str(path), role))
    done = Asking(lambda: looking.look(path, seconds))
    if done.wait(time.monotonic() + seconds) is None:
        return replace(looking.found, problem=f"{looking.doing} did not end within {seconds:.1f} s", late=True)
    return looking.found


@dataclass
class _Looking:
    """What is known so far, and what is being tried. A disk over the network may never answer."""

    found: Disk
    doing: str = "looking at the folder"

    def look(self, path: Path, seconds: float) -> bool:
        until = time.monotonic() + seconds
        mount = mount_of(os.path.realpath(path), _text(_MOUNTS))
        if mount is not None:
            self._add(file_system=mount.kind, over_network=over_network(mount.kind), read_only="ro" in mount.options)
        try:
            folder = _existing(path)
            room = os.statvfs(folder)
            self._add(free=room.f_bavail * room.f_frsize)
            self._try(folder, until)
        except OSError as error:
            self._add(
                problem=f"{self.doing}: {error.strerror or error}",
                refused=errno.errorcode.get(error.errno or 0, ""),
                read_only=self.found.read_only or error.errno == errno.EROFS,
            )
        return True

    def _try(self, folder: Path, until: float) -> None:
        self.doing = "making a file"
        name = folder / f".hfpush-doctor-{secrets.token_hex(8)}"
        other = name.with_name(f"{name.name}-2")
        try:
            fd = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                self.doing = "locking a file (flock)"
                self._add(locks=_locks(fd))
                self.doing = "renaming a file"
                self._add(renames=_renames(name, other))
                _remove(name, other)
                self._measure(fd, until)
            finally:
                os.close(fd)
        finally:
            _remove(name, other)

    def _measure(self, fd: int, until: float) -> None:
        self.doing = "writing a file to the disk (fsync)"
        began = time.monotonic()
        os.write(fd, b"hfpush doctor\n")
        os.fsync(fd)
        now = time.monotonic()
        self._add(sync_seconds=now - began)
        left = until - now
        if left < _LEAST_SECONDS / 2 or self.found.free < 4 * _MOST_BYTES:
            return
        self.doing = "writing 4 MB"
        written = 0
        for size in _writes(fd, now + left * _RATE_SHARE):
            written += size
        os.fsync(fd)
        self._add(rate=written / max(time.monotonic() - now, 1e-6))

    def _add(self, **more: object) -> None:
        self.found = replace(self.found, **more)  # type: ignore[arg-type]  # names and types are Disk's


def _writes(fd: int, until: float) -> Iterator[int]:
    for _ in range(_MOST_BYTES // len(_BLOCK)):
        yield os.write(fd, _BLOCK)
        if time.monotonic() > until:
            return


def _existing(path: Path) -> Path:
    """The folder itself, or the nearest one above; of a work tree its git directory, where the large files go and no
    watcher looks."""
    place = next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.is_dir())
    inside = place / ".git"
    return inside if inside.is_dir() and not inside.is_symlink() else place


def _locks(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in _HELD
    return True


def _renames(name: Path, other: Path) -> bool:
    try:
        os.replace(name, other)
    except OSError:
        return False
    return True


def _remove(*names: Path) -> None:
    for name in names:
        with suppress(FileNotFoundError):
            name.unlink()


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "surrogateescape")
    except OSError:
        return ""  # not Linux: then nothing is known of it
