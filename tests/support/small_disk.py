"""A small disk: a tmpfs that only the processes in a mount namespace of its own can see; and a look into it from here.

with SmallDisk(8_000_000) as disk:
    disk.run(["df", disk.place], environment)
    disk.fill(leave=1_000_000)
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

_HOLD = 'mount -t tmpfs -o size="$2",mode=755 none "$1" && echo mounted && exec cat'
_BALLAST = "ballast"


class NoSmallDisk(Exception):
    """This machine does not let us; the message says why."""


class SmallDisk:
    """A context manager. `place` is where the disk is, for whoever is started with `enter`; `inside` the same place for
    this process. Raises NoSmallDisk."""

    def __init__(self, size: int) -> None:
        self._size = size

    def __enter__(self) -> SmallDisk:
        self._folder = tempfile.TemporaryDirectory(prefix="small-disk-")
        self.place = Path(self._folder.name)
        user = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
        try:
            self._holder = subprocess.Popen(
                ["unshare", *user, "--mount", "sh", "-c", _HOLD, "sh", str(self.place), str(self._size)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        except OSError as missing:
            self._folder.cleanup()
            raise NoSmallDisk(f"there is no unshare: {missing}") from missing
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != "mounted\n":
            _, told = self._holder.communicate(timeout=10)
            self._folder.cleanup()
            raise NoSmallDisk(f"mounting is not allowed here: {told.strip()}")
        self.inside = Path(f"/proc/{self._holder.pid}/root{self.place}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._holder.communicate(timeout=10)
        self._folder.cleanup()

    @property
    def enter(self) -> list[str]:
        """Words before those of a program that is to see the disk."""
        user = [] if os.getuid() == 0 else ["--user", "--preserve-credentials"]
        return ["nsenter", "--target", str(self._holder.pid), "--mount", *user, "--"]

    @property
    def free(self) -> int:
        """Bytes that are free."""
        found = os.statvfs(self.inside)
        return found.f_bavail * found.f_frsize

    def fill(self, *, leave: int) -> None:
        """Let somebody else take the room, but for so many bytes."""
        with (self.inside / _BALLAST).open("ab") as file:
            while (left := self.free - leave) > 0:
                file.write(bytes(min(left, 1 << 20)))
                file.flush()

    def make_room(self) -> None:
        """Somebody else takes their things away."""
        (self.inside / _BALLAST).unlink(missing_ok=True)

    def clear(self) -> None:
        """Take everything away."""
        for path in self.inside.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
