"""How fast we let ourselves be: one rate for all threads together.

Who has received bytes is told how long to wait before it receives more. The waits of all threads stand in one line, so
that they add up to the rate however many there are. What was not used is lost but for a tenth of a second's worth,
so that a pause is not followed by a burst. Each has received a piece before it pays for it, so the pieces of many are
smaller than those of one: what is owed at any time stays a fraction of a second's worth.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_UNUSED_SECONDS = 0.1
_PIECE_SECONDS = 0.05
_SMALLEST_PIECE, _LARGEST_PIECE = 512, 256 * 1024
_SLICE_SECONDS = 1.0

Wait = Callable[[float], object]


class Limit:
    """`bytes_per_second` for whoever shares this. Safe to use from several threads.

    `clock` is a steady one, and `sleep` what waits where `take` is given nothing better; it may return a true value to
    say that the wait was cut short.
    """

    def __init__(
        self, bytes_per_second: float, *, clock: Callable[[], float] = time.monotonic, sleep: Wait = time.sleep
    ) -> None:
        if not bytes_per_second > 0:
            raise ValueError("a limit lets something pass")
        self.bytes_per_second = bytes_per_second
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._free_at = clock()
        self._waiting = 0

    @property
    def piece(self) -> int:
        """The most bytes that one more user should receive at once, so that the line is used evenly: a twentieth of a
        second's worth, divided by how many there are already."""
        share = self.bytes_per_second * _PIECE_SECONDS / (1 + self._waiting)
        return max(_SMALLEST_PIECE, min(int(share), _LARGEST_PIECE))

    def turn_seconds(self, users: int) -> float:
        """How long one of so many may have to wait for its next piece, for no other reason than this."""
        return users * max(_PIECE_SECONDS, _SMALLEST_PIECE / self.bytes_per_second)

    def reserve(self, count: int) -> float:
        """Note `count` bytes; returns how many seconds to wait before the next ones."""
        with self._lock:
            now = self._clock()
            self._free_at = max(self._free_at, now - _UNUSED_SECONDS) + count / self.bytes_per_second
            return max(0.0, self._free_at - now)

    def take(self, count: int, wait: Wait | None = None) -> float:
        """Note `count` bytes and wait as long as they take; returns how long that should have been, in seconds.

        `wait` is called with a second at most at a time, and ends the whole by returning a true value, as the `wait`
        of a threading.Event does.
        """
        due = left = self.reserve(count)
        with self._in_line():
            while left > 0:
                if (wait or self._sleep)(min(left, _SLICE_SECONDS)):
                    break
                left -= _SLICE_SECONDS
        return due

    @contextmanager
    def _in_line(self) -> Iterator[None]:
        with self._lock:
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1
