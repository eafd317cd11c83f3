"""One request over a socket, and what the other end makes of it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from hfpush.diagnose.probes.sending import Sent, send

HEAD = b"PUT / HTTP/1.1\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
TOO_LARGE = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@contextmanager
def connected(serve: Callable[[socket.socket, threading.Event], None]) -> Iterator[socket.socket]:
    """A TCP connection to `serve`, which is told when the test is over."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            client, _ = listener.accept()
            with client:
                serve(client, over)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        with socket.create_connection(listener.getsockname()[:2]) as connection:
            yield connection
            over.set()
        thread.join(10)


def sent(connection: socket.socket, size: int, seconds: float, late: float | None = None) -> Sent:
    return send(connection, HEAD, [memoryview(bytes(size))], time.monotonic() + seconds, late_seconds=late)


def takes(size: int) -> Callable[[socket.socket, threading.Event], None]:
    def serve(client: socket.socket, over: threading.Event) -> None:
        left = size + len(HEAD)
        while left > 0:
            left -= len(client.recv(65536))
        client.sendall(OK)

    return serve


def test_all_is_taken_and_answered() -> None:
    with connected(takes(300_000)) as connection:
        told = sent(connection, 300_000, 5)
    assert (told.ended, told.acked) == ("answered", 300_000)
    assert told.answer is not None
    assert (told.answer.status, told.answer.keeps) == (200, True)


def test_an_answer_before_the_last_byte_ends_it() -> None:
    def serve(client: socket.socket, over: threading.Event) -> None:
        client.recv(1000)
        client.sendall(TOO_LARGE)
        over.wait(5)

    with connected(serve) as connection:
        told = sent(connection, 50_000_000, 5)
    assert told.answer is not None
    assert (told.answer.status, told.answer.keeps) == (413, False)
    assert told.acked < 50_000_000


def test_who_reads_nothing_takes_only_what_buffers_hold() -> None:
    def serve(client: socket.socket, over: threading.Event) -> None:
        over.wait(10)

    with connected(serve) as connection:
        told = sent(connection, 50_000_000, 2.0)
    assert told.ended == "silent"
    assert 0 < told.acked < 20_000_000


@pytest.mark.parametrize("late", [None, 0.1])
def test_who_takes_all_and_says_nothing_is_late(late: float | None) -> None:
    def serve(client: socket.socket, over: threading.Event) -> None:
        over.wait(10)

    with connected(serve) as connection:
        told = sent(connection, 1000, 0.4, late)
    assert (told.ended, told.acked, told.answer) == ("late", 1000, None)
    assert told.answer_seconds >= (late or 0.3)


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 200"])
def test_an_end_without_an_answer_is_a_cut(said: bytes) -> None:
    def serve(client: socket.socket, over: threading.Event) -> None:
        client.recv(1000)
        client.sendall(said)

    with connected(serve) as connection:
        told = sent(connection, 100, 5)
    assert (told.ended, told.answer) == ("cut", None)


def test_bytes_that_still_move_when_time_is_over_are_unfinished() -> None:
    def serve(client: socket.socket, over: threading.Event) -> None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        while not over.wait(0.01):
            client.recv(65536)

    with connected(serve) as connection:
        told = sent(connection, 200_000_000, 0.5)
    assert told.ended == "unfinished"
    assert 0 < told.acked < 200_000_000
