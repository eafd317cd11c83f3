"""Bytes from one socket to another, both ways, until both are done or nothing moves any more.

Sockets are non-blocking. What the bytes mean is nobody's business here.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

PIECE = 256 * 1024


class Idle(Exception):
    """No byte came in either direction for as long as that may take."""


class Carrier:
    """Carries bytes in one event loop, and knows when the last one came."""

    def __init__(self, idle_seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._idle_seconds = idle_seconds
        self._moved = self._loop.time()
        self.bytes_from: Counter[socket.socket] = Counter()
        """How many bytes came from each socket."""

    def moved(self, source: socket.socket, count: int) -> None:
        """So many bytes came."""
        self._moved = self._loop.time()
        self.bytes_from[source] += count

    async def stream(self, source: socket.socket, target: socket.socket, most: int | None = None) -> None:
        """Everything that comes from `source`, or the first `most` bytes, to `target`."""
        buffer = memoryview(bytearray(PIECE))
        left = most
        while left is None or left > 0:
            room = buffer if left is None else buffer[: min(left, PIECE)]
            count = await self._loop.sock_recv_into(source, room)
            if not count:
                return
            self.moved(source, count)
            await self._loop.sock_sendall(target, buffer[:count])
            await asyncio.sleep(0)  # the two above do not wait where the system is fast; the others have their turn
            left = None if left is None else left - count

    async def one_way(self, source: socket.socket, target: socket.socket) -> None:
        """`stream` to its end, and the end too."""
        await self.stream(source, target)
        with suppress(OSError):  # it is gone already
            target.shutdown(socket.SHUT_WR)

    async def all_of(self, *works: Coroutine[Any, Any, None]) -> None:
        """The works at once, until each is done. Raises what the first of them raises, and Idle; the rest ends then."""
        await self._together(works, asyncio.ALL_COMPLETED)

    async def first_of(self, *works: Coroutine[Any, Any, None]) -> None:
        """The works at once, until the first of those given is done."""
        await self._together(works, asyncio.FIRST_COMPLETED)

    async def _together(self, works: tuple[Coroutine[Any, Any, None], ...], until: str) -> None:
        first, *_ = tasks = [asyncio.ensure_future(work) for work in works]
        pending = set(tasks)
        try:
            while pending:
                left = self._moved + self._idle_seconds - self._loop.time()
                if left <= 0:
                    raise Idle
                done, pending = await asyncio.wait(pending, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
                if until == asyncio.FIRST_COMPLETED and first.done():
                    return
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def ready(connection: socket.socket) -> None:
    """Make a connection one that can be carried from: not blocking, small pieces at once, its death noticed."""
    connection.setblocking(False)
    if connection.family not in (socket.AF_INET, socket.AF_INET6):
        return  # one end of a pipe of ours
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def close_read(connection: socket.socket, seconds: float = 0.5) -> None:
    """Close so that the other side gets all that was sent to it: first say that no more comes, and read away what it
    still sends, as that would make it a reset."""
    loop = asyncio.get_running_loop()

    async def read_away() -> None:
        while await loop.sock_recv(connection, PIECE):
            pass

    with suppress(OSError, asyncio.TimeoutError):
        connection.shutdown(socket.SHUT_WR)
        await asyncio.wait_for(read_away(), seconds)
    connection.close()


def abort(connection: socket.socket) -> None:
    """Close so that the other side sees a reset, not an end: what was cut must not look complete."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
