"""How long a connection may take. Apart from what connects, which is slow to load."""

from __future__ import annotations

from dataclasses import dataclass

_PASSED_ON = 1_000_000  # bytes per second
_LONGEST = 3600.0


@dataclass(frozen=True)
class Patience:
    """Time limits in seconds: to connect, without a byte moving, for an answer to begin, and for all of a short one."""

    connect: float = 10.0
    idle: float = 30.0
    answer: float = 60.0
    whole: float = 300.0

    def answer_to(self, size: int) -> float:
        """Seconds for the answer to a body of `size` bytes to begin.

        A mirror that takes a whole body before it passes it on answers only after that: it gets the time for 1 MB/s on
        its way, up to an hour.
        """
        return max(self.answer, min(self.answer + size / _PASSED_ON, _LONGEST))
