"""A file in the making: written aside, verified by whoever writes it, published by one rename, resumed by anybody.

A draft lies in the folder of its `DraftHome`, on the same file system as its destination, named by its content (see
draft_names.py), so that a later run goes on with it. How it keeps which of its bytes are there is part_file.py's.
Deleting drafts is always safe.

Who may write is settled by renaming, which is atomic everywhere, and not by the lock: the lock (the very one that
huggingface_hub takes for the same file) only saves a second process from fetching the same bytes. Where locks do not
work, or lie, two processes at worst fetch the same thing twice, each into a draft of its own.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from hfpush.disk.content import Content
from hfpush.disk.draft_names import (
    SUFFIX,
    Owner,
    Standing,
    free_name,
    held_name,
    is_draft_of,
    may_take,
    myself,
    owner_of,
    runs,
)
from hfpush.disk.extents import Extents
from hfpush.disk.flock import can_lock
from hfpush.disk.folder import make_folder, make_our_folder, share
from hfpush.disk.lock import hold
from hfpush.disk.part_file import PartFile, bytes_there
from hfpush.disk.plain import is_ours_alone
from hfpush.disk.sync import sync_file
from hfpush.disk.trouble import disk_trouble
from hfpush.errors import Busy, LocalTrouble

QUIET_SECONDS = 90.0  # longer than any wait for an answer (net/http.py) without a sign of life
_FORGOTTEN_SECONDS = 900.0
_WARM_NS = 2_000_000_000


@dataclass(frozen=True)
class DraftHome:
    """Where the drafts of one content lie, and the lock file that goes with it.

    `others` is a folder in which other programs have unfinished files of this content, named by its id and a dot.
    """

    folder: Path
    content: Content
    lock: Path
    others: Path | None = None


@dataclass(frozen=True)
class Taken:
    """Another process is at it. `life` changes whenever that process has written something."""

    life: tuple[tuple[str, int, int], ...]


class Draft:
    """One draft, held by this process. Made by `claim`; end it with publish, release or discard, each of which may
    be called once, when no other call is under way. Until then every method may be called from several threads at
    once. Methods raise LocalTrouble when the disk refuses, and Busy (`draft-lost`) when another process took the draft
    for abandoned while we slept; then ask anew.
    """

    def __init__(self, home: DraftHome, path: Path, locks: ExitStack) -> None:
        self.path = path
        self._home = home
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
        self._fd = os.open(path, flags, 0o666)
        try:
            share(self._fd, path.parent)
            self._file = PartFile(self._fd, home.content.size, path)
        except BaseException:
            os.close(self._fd)
            raise
        self._locks = locks.pop_all()  # last: until here they are the caller's to let go

    @property
    def have(self) -> Extents:
        """The bytes that have been written, in this run or before; whether they are right only the digest says."""
        return self._file.have

    @property
    def length(self) -> int:
        """Bytes [0, length) are there: where hashing from the first byte has to wait."""
        return self._file.have.frontier

    def fileno(self) -> int:
        """The open file, for reading at places of one's own; -1 when the draft has ended."""
        return self._fd

    def write(self, at: int, data: memoryview) -> None:
        """Put `data` at `at`, anywhere in [0, size). Bytes that do not fit are never reported as written."""
        self._file.write(at, data)

    def read(self, at: int, into: memoryview) -> int:
        """Read from `at` on into the buffer, as far as the content goes. Gives the number of bytes."""
        return self._file.read(at, into)

    def touch(self) -> None:
        """A sign of life for other processes, due at least every 15 seconds while nothing is written."""
        with suppress(OSError):  # a sign that cannot be given costs others a second copy at worst
            os.utime(self._fd)

    def forget(self, start: int, stop: int) -> None:
        """The bytes [start, stop) were wrong: no longer there."""
        self._file.forget(start, stop)

    def reset(self) -> None:
        """Throw away what is there: it was wrong."""
        self._file.reset()

    def adopt(self, source: Path) -> None:
        """Start from a copy of an existing file, in place of what is there: as much of it as the content is long.

        Where the file system can, both share their bytes until one of them is changed.
        """
        self._file.adopt(source)

    def publish(self, target: Path) -> None:
        """Make the verified bytes visible at `target`, replacing what is there, after they have reached the disk.

        Raises Busy when another process took the draft for abandoned while we slept; then ask anew.
        """
        try:
            self._file.settle()
            sync_file(self._fd)
            make_folder(target.parent)
            os.replace(self.path, target)
        except FileNotFoundError as error:
            if not self.path.exists():
                raise Busy.of("draft-lost", "Another process took over a file that we were fetching.") from error
            raise disk_trouble(error, target) from error
        except OSError as error:
            raise disk_trouble(error, target) from error
        finally:
            self._close()

    def release(self) -> None:
        """Leave the bytes for whoever goes on with them, ourselves in a later run included."""
        with suppress(LocalTrouble, Busy):  # then there is less to go on with
            self._file.settle()
        there = self._file.have.total
        self._close()
        free = self._home.folder / free_name(self._home.content.id)
        with suppress(OSError):  # held by a dead process is as good as free, only slower to take
            if there == 0 or bytes_there(free, self._home.content.size) >= there:
                self.path.unlink()
            else:
                os.replace(self.path, free)

    def discard(self) -> None:
        """Remove the draft: nobody should go on with it."""
        self._close()
        with suppress(OSError):  # gone already, or taken by another process, which verifies for itself
            self.path.unlink()

    def _close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
            self._locks.close()


def claim(home: DraftHome, *, quiet: bool = False) -> Draft | Taken:
    """A draft to write: the one left behind that has most bytes, or a new one. Taken while another process is at it.

    `quiet`: the caller has watched `Taken.life` stand still for QUIET_SECONDS; then drafts of other hosts are gone on
    with, and a holder who does nothing no longer keeps us waiting. Raises LocalTrouble.
    """
    try:
        make_our_folder(home.folder)
        with ExitStack() as stack:
            if not _locked(home.lock, stack) and not quiet:
                return Taken(_life(home))
            me = myself()
            found = list(_drafts(home, me, quiet))
            if not quiet and any(not may_take(standing, me) for _, standing in found):
                return Taken(_life(home))
            size = home.content.size
            free = [(bytes_there(path, size), path) for path, standing in found if may_take(standing, me)]
            for _, path in sorted(free, reverse=True):
                draft = _take(home, path, me, stack)
                if draft is not None:
                    return draft
            return Draft(home, home.folder / held_name(home.content.id, me), stack)
    except OSError as error:
        raise disk_trouble(error, home.folder) from error


def waiting_bytes(home: DraftHome) -> int:
    """How many bytes a claim would probably find, without claiming: for plans and free-space checks."""
    try:
        changed = home.folder.stat().st_mtime_ns
        # A time stamp that is still warm may stand for two changes.
        names = (_names if time.time_ns() - changed > _WARM_NS else _names.__wrapped__)(home.folder, changed)
    except OSError:  # no folder yet
        return 0
    ours = names.get(home.content.id, ())
    drafts = [home.folder / name for name in ours if is_draft_of(name, home.content.id)]
    return max((bytes_there(path, home.content.size) for path in drafts), default=0)


@lru_cache(maxsize=2)
def _names(folder: Path, changed: int) -> dict[str, list[str]]:
    """What lay in a folder when it was last changed, by the id that the names begin with: a plan asks for each file."""
    found: dict[str, list[str]] = {}
    for name in os.listdir(folder):
        found.setdefault(name.partition(".")[0], []).append(name)
    return found


def sweep(home: DraftHome) -> None:
    """Remove what is left of drafts of a content that is complete now, but not those of running processes."""
    me = myself()
    with suppress(OSError):  # leftovers are harmless; another process may remove them at the same time
        for path, standing in _drafts(home, me, False):
            if may_take(standing, me):
                path.unlink()


def sweep_empty(folder: Path) -> None:
    """Remove the drafts in a folder that have nothing in them and whose process has died on this machine: there is
    nothing to go on with, and whoever writes small files (small.py) does not look for drafts."""
    me = myself()
    with suppress(OSError):
        for path in folder.iterdir():
            owner = owner_of(path.name) if path.name.endswith(SUFFIX) else None
            if owner is not None and owner.host == me.host and not runs(owner.pid):
                with suppress(FileNotFoundError):  # another process was here first
                    if path.lstat().st_size == 0:
                        path.unlink()


def _take(home: DraftHome, path: Path, me: Owner, stack: ExitStack) -> Draft | None:
    try:
        usable = is_ours_alone(path.lstat()) and os.access(path, os.R_OK | os.W_OK)
    except FileNotFoundError:
        return None
    if not usable:
        return None
    mine = home.folder / held_name(home.content.id, me)
    try:
        os.rename(path, mine)
    except (FileNotFoundError, PermissionError):  # gone, or another user's in a folder where each has his own
        return None
    return Draft(home, mine, stack)


def _drafts(home: DraftHome, me: Owner, quiet: bool) -> Iterator[tuple[Path, Standing]]:
    now = time.time()
    for path in home.folder.iterdir():
        if not is_draft_of(path.name, home.content.id):
            continue
        with suppress(FileNotFoundError):
            facts, owner = path.lstat(), owner_of(path.name)
            here = owner is not None and owner.host == me.host
            alive = here and owner is not None and runs(owner.pid)
            yield path, Standing(owner, alive, quiet, now - facts.st_mtime > _FORGOTTEN_SECONDS)


def _life(home: DraftHome) -> tuple[tuple[str, int, int], ...]:
    """Name, size and time of every file about this content, huggingface_hub's unfinished ones included."""
    signs, folders = [], [home.folder]
    if home.others is not None and home.others.is_dir():
        folders.append(home.others)
    for path in (path for folder in folders for path in folder.iterdir()):
        if path.name.startswith(home.content.id + "."):
            with suppress(FileNotFoundError):
                facts = path.lstat()
                signs.append((path.name, facts.st_size, facts.st_mtime_ns))
    return tuple(sorted(signs))


def _locked(path: Path, stack: ExitStack) -> bool:
    """False only when another process holds the lock. Where locks cannot be had, we go on without."""
    if not can_lock(path):
        return True
    try:
        stack.enter_context(hold(path, "A file to fetch"))
    except Busy:
        return False
    except LocalTrouble:
        return True
    return True
