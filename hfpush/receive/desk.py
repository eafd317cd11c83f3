"""What all who work on a fetch share: one observer, one clock, and one order to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable

from hfpush.findings import Finding
from hfpush.receive.events import Event, Waiting
from hfpush.receive.means import Means, Stopped

_SIGN_OF_LIFE = 10.0


class Desk:
    """Safe to use from several threads."""

    def __init__(self, means: Means) -> None:
        self.means = means
        self._stopping = threading.Event()
        self._telling = threading.Lock()

    @property
    def now(self) -> float:
        """Seconds of a steady clock."""
        return self.means.clock()

    @property
    def stopping(self) -> bool:
        """Whether the work is to end."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """Every wait ends, and every `check` raises."""
        self._stopping.set()

    def check(self) -> None:
        """Raises Stopped when the work is to end."""
        if self._stopping.is_set():
            raise Stopped

    def tell(self, event: Event) -> None:
        """One event to the observer, one at a time."""
        with self._telling:
            self.means.observer(event)

    def wait(self, seconds: float, path: str, why: Finding, touch: Callable[[], None] = lambda: None) -> None:
        """Tell, then wait, with a sign of life by `touch` now and then. Raises Stopped."""
        self.tell(Waiting(path, seconds, why))
        while seconds > 0:
            piece = min(seconds, _SIGN_OF_LIFE)
            (self.means.sleep or self._stopping.wait)(piece)
            seconds -= piece
            touch()
            self.check()
