"""A small file on its way, in memory: no draft, no lock, and its digest is taken at the end.

What is killed is lost; so this is for files of which even many are soon fetched again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from hfpush.disk.content import Content
from hfpush.disk.extents import Extents

LIGHT_BYTES = 1 << 18
"""A larger file is worth a draft."""


@runtime_checkable
class TakesSmall(Protocol):
    """A place that takes verified bytes out of memory."""

    def put_small(
        self, content: Content, paths: Sequence[str], data: bytes, then: Callable[[], object] = lambda: None
    ) -> None:
        """Show `content` at every one of `paths`, soon, and at the latest when `flush` returns; `then` is called when
        it is there, perhaps by another thread. Raises LocalTrouble, also for others that were put before."""

    def flush(self) -> None:
        """Everything that was put before is there when this returns. Raises LocalTrouble."""


class MemoryDraft:
    """As disk.draft.Draft is filled, and disk.follow.Follower verifies, but of one's own memory."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._bytes = bytearray(content.size)
        self.have = Extents()
        self.path = Path(content.id)

    @property
    def data(self) -> bytes:
        """What is there."""
        return bytes(self._bytes)

    @property
    def length(self) -> int:
        """Bytes [0, length) are there."""
        return self.have.frontier

    def write(self, at: int, data: memoryview) -> None:
        """Put `data` at `at`."""
        self._bytes[at : at + len(data)] = data
        self.have = self.have.with_(at, at + len(data))

    def read(self, at: int, into: memoryview) -> int:
        """Read from `at` on into the buffer. Gives the number of bytes."""
        data = self._bytes[at : at + len(into)]
        into[: len(data)] = data
        return len(data)

    def reset(self) -> None:
        """Throw away what is there."""
        self.have = Extents()

    def touch(self) -> None:
        """Nobody looks for a sign of life."""

    def release(self) -> None:
        """Nobody goes on with it."""

    def advance(self, frontier: int) -> None:
        """The digest is taken when all is there."""

    def restart(self) -> None:
        """Nothing was begun."""

    def matches(self) -> bool:
        """Whether the bytes have the digest they must have."""
        hasher = self._content.hasher()
        hasher.update(memoryview(self._bytes))
        return hasher.hexdigest() == self._content.id

    def __exit__(self, *_: object) -> None:
        pass
