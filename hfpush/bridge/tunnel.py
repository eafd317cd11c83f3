"""A tunnel that survives a server's reset before its first byte.

Tools do not try a TLS handshake again: git, git-lfs and curl give up when a bad line or a filter resets it. Until the
server's first byte has come, what the client said is kept; if the server closes or resets before that, it is dialled
again and told the same. That is done for the first flight of TLS only (first_flight.py).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from hfpush.bridge.carry import PIECE, Carrier, Idle, abort
from hfpush.bridge.first_flight import may_be_repeated

REPEAT_WAITS = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Seconds before each further dialling: eight in all, within the 30 s that git-lfs gives a handshake."""


@dataclass
class Carried:
    """How a tunnel went. `asked`, `answered`: the client, the server said something; `cuts`: how often the server
    closed before it did; `given_up`: it did so each time; `idle`: nothing moved any more.
    `sent` and `received` are bytes, as the client sees it."""

    answered: bool = False
    cuts: int = 0
    given_up: bool = False
    idle: bool = False
    asked: bool = False
    seconds: float = 0.0
    sent: int = 0
    received: int = 0


class Tunnel:
    """One tunnel between a client and a server, both sockets non-blocking; it closes both.

    `begun` is what the client has said already. `redial` gives a new connection to the server; what it raises ends the
    tunnel and reaches the caller of `carry`.
    """

    def __init__(
        self,
        client: socket.socket,
        server: socket.socket,
        redial: Callable[[], Awaitable[socket.socket]],
        *,
        idle_seconds: float,
        begun: bytes = b"",
        waits: tuple[float, ...] = REPEAT_WAITS,
    ) -> None:
        self._client, self._server, self._redial = client, server, redial
        self._idle_seconds, self._begun, self._waits = idle_seconds, begun, waits
        self._loop = asyncio.get_running_loop()
        self._carrier = Carrier(idle_seconds)
        self.carried = Carried()

    async def carry(self) -> Carried:
        """Carry bytes until the tunnel ends."""
        began = self._loop.time()
        try:
            if await self._first_flight():
                there, back = (self._client, self._server), (self._server, self._client)
                await self._carrier.all_of(self._carrier.one_way(*there), self._carrier.one_way(*back))
                self._client.close()
                self._server.close()
            else:
                self._abort()
        except Idle:
            self.carried.idle = True
            self._abort()
        except OSError:  # one side was cut: so is the other
            self._abort()
        except BaseException:
            self._abort()
            raise
        finally:
            self.carried.seconds = self._loop.time() - began
            self.carried.sent = self._carrier.bytes_from[self._client]
            self.carried.received = self._carrier.bytes_from[self._server]
        return self.carried

    def _abort(self) -> None:
        abort(self._client)
        abort(self._server)

    async def _first_flight(self) -> bool:
        """Until the server's first byte, or until what the client said cannot be said again. False: the server is gone.

        Both are only looked at until there is something to read: a read that is cancelled could lose bytes.
        """
        said = piece = self._begun
        while True:
            if piece:
                self.carried.asked = True
                self._carrier.moved(self._client, len(piece))
                with suppress(OSError):  # whoever does not take it has closed: that is seen next
                    await self._loop.sock_sendall(self._server, piece)
                if not may_be_repeated(said):
                    return True
                piece = b""
            if await self._first_to_speak() is self._client:
                piece = self._client.recv(PIECE)
                said += piece
                if not piece:
                    return True  # its end is found once more, and carried
                continue
            answer = _received(self._server)
            if answer:
                self.carried.answered = True
                self._carrier.moved(self._server, len(answer))
                await self._loop.sock_sendall(self._client, answer)
                return True
            if answer is not None and not await self._again(said):
                return False

    async def _first_to_speak(self) -> socket.socket:
        """The one that has something to read, or has closed; the server, if it is both. Raises Idle."""
        waits = {one: asyncio.ensure_future(self._readable(one)) for one in (self._server, self._client)}
        try:
            await asyncio.wait(waits.values(), timeout=self._idle_seconds, return_when=asyncio.FIRST_COMPLETED)
            for one, wait in waits.items():
                if wait.done():
                    self._carrier.moved(one, 0)
                    return one
            raise Idle
        finally:
            for wait in waits.values():
                wait.cancel()
            await asyncio.gather(*waits.values(), return_exceptions=True)

    async def _readable(self, one: socket.socket) -> None:
        seen = asyncio.Event()
        self._loop.add_reader(one, seen.set)
        try:
            await seen.wait()
        finally:
            self._loop.remove_reader(one)

    async def _again(self, said: bytes) -> bool:
        """A new connection, told the same. False when that has been tried often enough."""
        self.carried.cuts += 1
        self._server.close()
        if self.carried.cuts > len(self._waits):
            self.carried.given_up = True
            return False
        await asyncio.sleep(self._waits[self.carried.cuts - 1])
        self._server = await self._redial()
        with suppress(OSError):  # that is seen next
            await self._loop.sock_sendall(self._server, said)
        return True


def _received(server: socket.socket) -> bytes | None:
    """What it said, empty when it is gone; None: nothing yet, after all."""
    try:
        return server.recv(PIECE)
    except BlockingIOError:
        return None
    except OSError:
        return b""
