from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from hfpush.bridge.carry import ready
from hfpush.bridge.tunnel import REPEAT_WAITS, Carried, Tunnel
from hfpush.errors import Unavailable

HELLO = b"\x16\x03\x01\x00\x05hello"


class Servers:
    """Connections to servers that answer as they are told, by number: what to say once something has come, or None to
    close."""

    def __init__(self, *answers: bytes | None) -> None:
        self._answers = answers
        self.said: list[bytes] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def dial(self) -> socket.socket:
        mine, theirs = socket.socketpair()
        ready(mine)
        ready(theirs)
        self._tasks.append(asyncio.ensure_future(self._serve(theirs, len(self._tasks))))
        return mine

    async def _serve(self, connection: socket.socket, number: int) -> None:
        with connection:
            loop = asyncio.get_running_loop()
            self.said.append(await loop.sock_recv(connection, 65536))
            answer = self._answers[min(number, len(self._answers) - 1)]
            if answer is not None:
                await loop.sock_sendall(connection, answer)


def carried(
    servers: Servers, said: bytes, *, begun: bytes = b"", waits: tuple[float, ...] = (0.0,) * 7
) -> tuple[Carried, bytes]:
    """How a tunnel went in which the client says something, and what it heard until the end."""

    async def carry() -> tuple[Carried, bytes]:
        mine, theirs = socket.socketpair()
        ready(mine)
        ready(theirs)
        loop = asyncio.get_running_loop()
        with mine:
            tunnel = Tunnel(theirs, await servers.dial(), servers.dial, idle_seconds=5.0, begun=begun, waits=waits)
            going = asyncio.ensure_future(tunnel.carry())
            await loop.sock_sendall(mine, said)
            heard = await loop.sock_recv(mine, 65536)
            mine.close()
            return await going, heard

    return asyncio.run(carry())


def test_a_first_flight_is_said_again_until_it_is_answered() -> None:
    servers = Servers(None, None, b"server hello")
    went, heard = carried(servers, HELLO)
    assert heard == b"server hello"
    assert servers.said == [HELLO] * 3
    assert (went.cuts, went.answered, went.asked) == (2, True, True)


def test_what_came_with_the_request_is_said_again_too() -> None:
    servers = Servers(None, b"server hello")
    _, heard = carried(servers, b"", begun=HELLO)
    assert heard == b"server hello"
    assert servers.said == [HELLO, HELLO]


def test_it_is_not_tried_for_ever() -> None:
    servers = Servers(None)
    went, heard = carried(servers, HELLO)
    assert heard == b""
    assert len(servers.said) == 8
    assert (went.cuts, went.answered, went.given_up) == (8, False, True)


def test_all_waits_together_are_less_than_a_client_s_patience_with_a_handshake() -> None:
    assert sum(REPEAT_WAITS) < 10


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\n\r\n", HELLO + b"\x17\x03\x03\x00\x01x"])
def test_what_may_be_an_order_is_said_once(said: bytes) -> None:
    servers = Servers(None, b"twice")
    went, heard = carried(servers, said)
    assert heard == b""
    assert servers.said == [said]
    assert went.cuts == 0


def test_a_server_that_has_answered_is_not_dialled_again() -> None:
    servers = Servers(b"\x15alert", b"server hello")
    went, heard = carried(servers, HELLO)
    assert heard == b"\x15alert"
    assert went.cuts == 0


def test_a_dial_that_fails_on_the_way_ends_it() -> None:
    servers = Servers(None)
    first: Callable[[], Awaitable[socket.socket]] = servers.dial
    left = [first]

    async def dial() -> socket.socket:
        if left:
            return await left.pop()()
        raise Unavailable.of("proxy-failed", "x")

    servers.dial = dial  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        carried(servers, HELLO)


def test_nothing_in_either_direction_ends_it() -> None:
    async def carry() -> Carried:
        (a, b), (c, d) = socket.socketpair(), socket.socketpair()
        for one in (a, b, c, d):
            ready(one)

        async def no_dial() -> socket.socket:
            raise AssertionError

        with a, d:
            return await Tunnel(b, c, no_dial, idle_seconds=0.05).carry()

    assert asyncio.run(carry()).idle
