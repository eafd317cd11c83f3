from __future__ import annotations

import asyncio
import socket

import pytest

from hfpush.bridge.carry import ready
from hfpush.bridge.plain_request import forward

HEAD = b"POST /a HTTP/1.1\r\nHost: hub.test\r\nConnection: close\r\n\r\n"


def carried(
    answers: bytes, *, client_says: bytes = b"", begun: bytes = b"", most: int | None = 0, idle: float = 5.0
) -> tuple[bool, bytes, bytes]:
    """Whether it moved to its end, what the server heard before it answered, and what the client heard."""

    async def carry() -> tuple[bool, bytes, bytes]:
        (mine, theirs), (here, there) = socket.socketpair(), socket.socketpair()
        for one in (mine, theirs, here, there):
            ready(one)
        loop = asyncio.get_running_loop()
        with mine, there:
            going = asyncio.ensure_future(forward(theirs, here, HEAD, begun, most, idle_seconds=idle))
            mine.send(client_says)
            heard = b""
            while len(heard) < len(HEAD) + (most if most is not None else len(begun + client_says)):
                heard += await loop.sock_recv(there, 65536)
            if answers:
                there.send(answers)
                there.shutdown(socket.SHUT_WR)
            moved = await going
            data = b""
            while piece := mine.recv(65536):
                data += piece
            return moved, heard, data

    return asyncio.run(carry())


def test_the_body_is_carried_and_no_more_than_the_body() -> None:
    answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    moved, heard, said = carried(answer + b"ok", client_says=b"3456789GET /", begun=b"012", most=10)
    assert (moved, heard, said) == (True, HEAD + b"0123456789", answer + b"ok")


def test_a_body_without_a_length_is_carried_as_it_comes() -> None:
    answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    _, heard, said = carried(answer, client_says=b"lo\r\n0\r\n\r\n", begun=b"5\r\nhel", most=None)
    assert heard == HEAD + b"5\r\nhello\r\n0\r\n\r\n"
    assert said == answer


def test_interim_answers_come_before_the_one_that_is_changed() -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    _, _, said = carried(interim + b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\nok")
    assert said == interim + b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok"


@pytest.mark.parametrize("answer", [b"hello", b"HTTP/0.9\r\n\r\nx", b"HTTP/1.1 200 OK\r\nX: cut"])
def test_an_answer_that_is_none_is_carried_as_it_is(answer: bytes) -> None:
    assert carried(answer)[2] == answer


def test_a_server_that_says_nothing_is_not_waited_for_for_ever() -> None:
    async def carry() -> bool:
        (mine, theirs), (here, there) = socket.socketpair(), socket.socketpair()
        for one in (mine, theirs, here, there):
            ready(one)
        with mine, there:
            return await forward(theirs, here, HEAD, b"", 0, idle_seconds=0.05)

    assert not asyncio.run(carry())
