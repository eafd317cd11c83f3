"""sha256 of bytes as they come, beside the event loop where that is worth a thread's hop.

hashlib gives the GIL away, so on two cores receiving and hashing overlap; for a small body the hop costs more than the
digest.
"""

from __future__ import annotations

import asyncio
import hashlib

_GROUP = 1 << 20
_MOST_BEHIND = 16 << 20


class Sha256:
    """The digest of one body of `size` bytes. One `update` at a time; `close` in any case."""

    def __init__(self, size: int) -> None:
        self._digest = hashlib.sha256()
        self._inline = size <= 2 * _GROUP
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._running: asyncio.Future[None] | None = None

    async def update(self, data: bytes) -> None:
        """The next bytes; waits only if hashing is far behind."""
        if self._inline:
            self._digest.update(data)
            return
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        if self._waiting_bytes > _MOST_BEHIND:
            await self.close()
        if self._waiting_bytes >= _GROUP and (self._running is None or self._running.done()):
            self._start()

    async def hexdigest(self) -> str:
        """The digest of all bytes so far."""
        await self.close()
        if self._waiting:
            self._start()
            await self.close()
        return self._digest.hexdigest()

    async def close(self) -> None:
        """Wait until no thread works on it any more."""
        if self._running is not None:
            await self._running
            self._running = None

    def _start(self) -> None:
        group, self._waiting, self._waiting_bytes = self._waiting, [], 0
        self._running = asyncio.get_running_loop().run_in_executor(None, self._hash, group)

    def _hash(self, group: list[bytes]) -> None:
        for data in group:
            self._digest.update(data)
