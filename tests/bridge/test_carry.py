from __future__ import annotations

import asyncio
import os
import socket

import pytest

from hfpush.bridge.carry import PIECE, Carrier, Idle, abort, ready


def pair() -> tuple[socket.socket, socket.socket]:
    one, other = socket.socketpair()
    ready(one)
    ready(other)
    return one, other


async def read_all(connection: socket.socket) -> bytes:
    data = b""
    while piece := await asyncio.get_running_loop().sock_recv(connection, PIECE):
        data += piece
    return data


def test_bytes_and_their_end_are_carried() -> None:
    payload = os.urandom(3 * PIECE + 1)

    async def carry() -> bytes:
        (a, b), (c, d) = pair(), pair()
        with a, b, c, d:

            async def send() -> None:
                await asyncio.get_running_loop().sock_sendall(a, payload)
                a.shutdown(socket.SHUT_WR)

            *_, read = await asyncio.gather(send(), Carrier(5.0).one_way(b, c), read_all(d))
            return bytes(read)

    assert asyncio.run(carry()) == payload


def test_no_more_is_taken_than_asked_for() -> None:
    async def carry() -> tuple[bytes, bytes]:
        (a, b), (c, d) = pair(), pair()
        with a, b, c, d:
            a.send(b"0123456789")
            await Carrier(5.0).stream(b, c, 4)
            return d.recv(100), b.recv(100)

    assert asyncio.run(carry()) == (b"0123", b"456789")


def test_what_does_not_move_ends() -> None:
    async def carry() -> None:
        (a, b), (c, d) = pair(), pair()
        with a, b, c, d:
            carrier = Carrier(0.05)
            await carrier.all_of(carrier.one_way(b, c), carrier.one_way(c, b))

    with pytest.raises(Idle):
        asyncio.run(carry())


def test_the_first_one_s_end_is_the_end_of_all() -> None:
    async def carry() -> bool:
        (a, b), (c, d) = pair(), pair()
        with a, b, c, d:
            carrier = Carrier(5.0)
            a.close()
            await carrier.first_of(carrier.stream(b, c), carrier.stream(c, b))
            return True

    assert asyncio.run(carry())


def test_what_is_aborted_does_not_look_complete() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname(), timeout=5)
        server, _ = listener.accept()
        with client:
            ready(server)
            abort(server)
            with pytest.raises(ConnectionResetError):
                client.recv(1)
