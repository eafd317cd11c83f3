"""Which paths git was asked to wait for, and what became of them. Pure.

A path is waiting until its object has ended, then available until git asks for it again. Two paths may need one object,
which is asked for once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hfpush.errors import HfpushError
from hfpush.lfs.pointer import Pointer


@dataclass(frozen=True)
class Delayed:
    """A path that waits: its pointer, the blob as git gave it, and why it cannot be had once that is known."""

    pointer: Pointer
    blob: bytes
    failure: HfpushError | None = None


@dataclass
class Delays:
    """All paths that wait or are available."""

    _waiting: dict[str, dict[bytes, Delayed]] = field(default_factory=dict)
    _available: dict[bytes, Delayed] = field(default_factory=dict)

    def add(self, path: bytes, pointer: Pointer, blob: bytes) -> bool:
        """`path` waits from now on; whether its object is one that nobody was asked for yet."""
        others = self._waiting.setdefault(pointer.oid, {})
        new = not others
        others[path] = Delayed(pointer, blob)
        return new

    def end(self, ended: Mapping[str, HfpushError | None]) -> list[bytes]:
        """The paths whose objects have ended, in the order in which they were added."""
        paths: list[bytes] = []
        for oid, failure in ended.items():
            for path, one in self._waiting.pop(oid, {}).items():
                self._available[path] = Delayed(one.pointer, one.blob, failure)
                paths.append(path)
        return paths

    def take(self, path: bytes) -> Delayed | None:
        """What became of an available path, once; None for one that never waited."""
        return self._available.pop(path, None)
