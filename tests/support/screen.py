"""A command on a terminal of its own: what it draws, keys that are pressed, how it ends."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

PATIENT = 30.0  # seconds until a test gives up


class Screen:
    """A context manager; what still runs at its end is killed. `text` is all that was drawn until now."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], *, columns: int = 80) -> None:
        self._ours, theirs = pty.openpty()
        # What a session's leader opens first is its terminal, which turns a key into a signal.
        opening = ["sh", "-c", 'exec <"$0"; exec "$@"', os.ttyname(theirs)]
        self.process = subprocess.Popen(
            [*opening, *command],
            env={**environment, "TERM": "xterm", "COLUMNS": str(columns), "LINES": "24"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.text = ""

    def __enter__(self) -> Screen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._ours)

    def until(self, seen: Callable[[str], object]) -> bool:
        """Read on until what was drawn satisfies `seen`; whether that came in time."""
        end = time.monotonic() + PATIENT
        while not seen(self.text) and time.monotonic() < end:
            if select.select([self._ours], [], [], 0.05)[0] and not self._read():
                break
        return bool(seen(self.text))

    def press(self, key: bytes) -> None:
        """Press a key."""
        os.write(self._ours, key)

    def end(self) -> int:
        """Read to the end; the exit code."""
        end = time.monotonic() + PATIENT
        while time.monotonic() < end:
            if select.select([self._ours], [], [], 0.1)[0] and not self._read():
                break
        return self.process.wait(PATIENT)

    def _read(self) -> bool:
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # how Linux says that nobody has the other side any more
            return False
        self.text += data.decode("utf-8", "replace")
        return bool(data)
