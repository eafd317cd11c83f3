"""A new index in the place of the old one, by git's own rules: `index.lock` first, then one rename.

    <git dir>/index.hfpush-<x>     the index in the making; one that a crash left is removed by the next run

The lock is a second name of the file in the making, so that after a crash we know it for ours.
"""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from hfpush.disk.trouble import disk_trouble
from hfpush.errors import Busy, SourceChanged
from hfpush.repo.mend.work_tree import index_path, read_index
from hfpush.repo.repository import Repository
from hfpush.repo.writing import WritingGit

_MAKING = "index.hfpush-"
_CLOCK_TICK = 0.02  # by how much the times of files may lag behind the clock, in seconds


class NewIndex:
    """An index in the making, which starts as `was`, the one in use. The caller holds the lock of mendings."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._path = repository.git_dir / f"{_MAKING}{secrets.token_hex(4)}"
        self._lock = repository.git_dir / "index.lock"
        _clear(repository.git_dir, self._lock)
        self._in_use = index_path(repository).read_bytes()
        self.was = read_index(repository)
        self.fill(self.was.data, self.was.written_ns)

    def fill(self, data: bytes, written_ns: int) -> None:
        """Give it these bytes, as written at that time."""
        try:
            self._path.unlink(missing_ok=True)
            with open(self._path, "xb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            shutil.copymode(index_path(self._repository), self._path)
            os.utime(self._path, ns=(written_ns, written_ns))
        except OSError as error:
            raise disk_trouble(error, self._path) from error

    def run(self, *arguments: str) -> bytes:
        """Run a git command on it; its bytes after that."""
        git = replace(WritingGit.of(self._repository), index=self._path)
        git.read(*arguments, settings=("core.splitIndex=false",))
        return self._path.read_bytes()

    def swap(self) -> None:
        """Put it into the place of the one in use. Raises Busy when another git holds that, SourceChanged when it is
        no longer the one that was read."""
        target = index_path(self._repository)
        try:
            self._claim()
        except FileExistsError as held:
            raise self._held() from held
        try:
            if target.read_bytes() != self._in_use:
                raise SourceChanged.of(
                    "index-changed",
                    "The index was changed by another program just now.",
                    seen=(str(target),),
                    to_try=("let it finish", "then run the same command again"),
                )
            os.replace(self._lock, target)
        except BaseException:
            self._lock.unlink(missing_ok=True)
            raise

    def drop(self) -> None:
        """Remove what is left of the making."""
        self._path.unlink(missing_ok=True)

    def _claim(self) -> None:
        try:
            os.link(self._path, self._lock)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            with open(self._lock, "xb") as stream:
                stream.write(self._path.read_bytes())
            shutil.copystat(self._path, self._lock)

    def _held(self) -> Busy:
        return Busy.of(
            "index-locked",
            "Another git works on the index of this repository.",
            seen=(f"it holds {self._lock}",),
            to_try=(
                "wait until it has finished, then run the same command again",
                f"if no git is running: rm {shlex.quote(str(self._lock))}",
            ),
        )


def outlast(second: int) -> None:
    """Wait, a second at most, until files of that second are older than any index that git writes from now on.

    Those that are not, git reads again when it writes one, and calls them modified where no filter makes pointers.
    """
    left = second + 1 + _CLOCK_TICK - time.time()
    if 0 < left <= 1 + _CLOCK_TICK:
        time.sleep(left)


def _clear(git_dir: Path, lock: Path) -> None:
    """Remove what a killed run left: its index in the making, git's lock on that, and its lock on the index."""
    for left in git_dir.glob(f"{_MAKING}*"):
        with suppress(FileNotFoundError):
            if lock.samefile(left) or (lock.read_bytes() or None) == left.read_bytes():
                lock.unlink()
        left.unlink(missing_ok=True)
