from __future__ import annotations

import queue
import socket

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
