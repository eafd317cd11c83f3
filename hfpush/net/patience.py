"""How long a connection may take. Apart from what connects, which is slow to load."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """Time limits in seconds: to connect, without a byte moving, for an answer to begin, and for all of a short one."""

    connect: float = 10.0
    idle: float = 30.0
    answer: float = 60.0
    whole: float = 300.0
