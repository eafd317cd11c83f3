from __future__ import annotations

import queue
import socket
from contextlib import ExitStack, suppress

import pytest

from hfpush.bridge.loopback import Loopback

SECONDS = 20


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=SECONDS)


def nobody(error: Exception) -> None:
    raise AssertionError("nothing goes wrong here") from error


def test_each_connection_is_served_by_itself_and_closed_afterwards() -> None:
    met = queue.Queue[bytes]()

    def serve(connection: socket.socket) -> None:
        met.put(connection.recv(10))
        connection.sendall(b"bye")

    door = Loopback(serve, nobody)
    with connect(door.port) as silent, connect(door.port) as quick:
        quick.sendall(b"quick")
        assert met.get(timeout=SECONDS) == b"quick"
        assert (quick.recv(10), quick.recv(10)) == (b"bye", b"")
        silent.sendall(b"late")
        assert met.get(timeout=SECONDS) == b"late"
    door.close()


def test_closing_ends_those_who_wait_and_lets_nobody_in() -> None:
    inside = queue.Queue[bool]()

    def serve(connection: socket.socket) -> None:
        inside.put(True)
        connection.recv(10)

    door = Loopback(serve, nobody)
    with connect(door.port) as waiting:
        inside.get(timeout=SECONDS)
        port = door.port
        door.close()
        assert waiting.recv(10) == b""
    with socket.socket() as late:
        assert late.connect_ex(("127.0.0.1", port)) != 0


def test_a_mistake_is_handed_over_and_a_connection_that_breaks_is_none() -> None:
    raised = queue.Queue[Exception]()
    errors: list[Exception] = [ConnectionResetError("gone"), ValueError("ours")]

    def serve(connection: socket.socket) -> None:
        raise errors.pop(0)

    door = Loopback(serve, raised.put)
    for _ in range(2):
        with connect(door.port) as one:
            assert one.recv(10) == b""
    assert str(raised.get(timeout=SECONDS)) == "ours"
    assert raised.empty()
    door.close()


@pytest.mark.slow
def test_strangers_who_only_stand_in_the_way_make_room_and_the_known_stay() -> None:
    served = queue.Queue[bytes]()

    def serve(connection: socket.socket) -> None:
        if connection.recv(10) == b"secret":
            door.known()
            connection.sendall(b"in")
            served.put(connection.recv(10))

    door = Loopback(serve, nobody)
    with ExitStack() as crowd, connect(door.port) as friend:
        friend.sendall(b"secret")
        assert friend.recv(10) == b"in"
        idle = [crowd.enter_context(connect(door.port)) for _ in range(150)]
        late = crowd.enter_context(connect(door.port))
        late.sendall(b"secret")
        assert late.recv(10) == b"in"
        assert idle[0].recv(10) == b""
        friend.sendall(b"still here")
        assert served.get(timeout=SECONDS) == b"still here"
        door.close()


def test_a_stranger_who_drips_is_sent_away_all_the_same() -> None:
    def serve(connection: socket.socket) -> None:
        while connection.recv(1):
            connection.sendall(b".")

    door = Loopback(serve, nobody, stranger_seconds=0.2)
    with connect(door.port) as slow:
        got = b"."
        with suppress(OSError):
            while got:
                slow.sendall(b"x")
                got = slow.recv(1)
    door.close()
