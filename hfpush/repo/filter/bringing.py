"""What the filter asks of whoever can download objects. How that is done, it does not know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from hfpush.errors import HfpushError
from hfpush.lfs.pointer import Pointer

BATCH = 100
"""How many objects are asked for at once, at most."""


@dataclass(frozen=True)
class Missing:
    """An object that is not in the store, and the path of a file that needs it, for people."""

    pointer: Pointer
    name: str


class Bringing(Protocol):
    """Brings objects into the store, in the background."""

    def want(self, missing: Sequence[Missing]) -> None:
        """Begin to bring these, at most BATCH of them, each asked for once; returns at once."""

    def arrived(self) -> Mapping[str, HfpushError | None]:
        """What has ended since the last call, by oid: None for what is in the store now, else why it is not.

        Waits for at least one; empty when nothing is under way.
        """
