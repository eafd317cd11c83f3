"""How many processes of a user are at something just now: each takes a numbered file, and others see that it is taken.

    <folder>/README
    <folder>/<number>.lock      empty; locked by a process as long as it is at it, and it stays

The system lets go for whoever is killed. Who looks locks as well, for a moment and together with others who look.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_MOST = 256
_README = "One file for each hfpush that sends objects for git-lfs just now. Safe to delete while none runs.\n"


class Slots:
    """The slots in one folder. Nothing here raises: where files cannot be locked, nobody is seen."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mine: Path | None = None

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Be counted for the time of a `with` block."""
        fd = self._take()
        try:
            yield
        finally:
            self._mine = None
            if fd is not None:
                os.close(fd)

    def count(self) -> int:
        """How many are counted just now, ourselves included; 0 when this cannot be told, because we are not seen."""
        if self._mine is None:
            return 0
        found = 1
        with suppress(OSError):
            for path in self._folder.glob("*.lock"):
                if path != self._mine and _is_taken(path):
                    found += 1
        return found

    def _take(self) -> int | None:
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not (self._folder / "README").exists():
                (self._folder / "README").write_text(_README, "utf-8")
            for number in range(_MOST):
                path = self._folder / f"{number}.lock"
                fd = _locked(path, os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX)
                if fd is not None:
                    self._mine = path
                    return fd
        return None


def _is_taken(path: Path) -> bool:
    try:
        fd = _locked(path, os.O_RDONLY, fcntl.LOCK_SH)
    except OSError:
        return False
    if fd is None:
        return True
    os.close(fd)
    return False


def _locked(path: Path, flags: int, kind: int) -> int | None:
    """The open file, locked; None when another has it. Raises OSError where it can be neither."""
    fd = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    except BaseException:
        os.close(fd)
        raise
    return fd
