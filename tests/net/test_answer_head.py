"""The head of an answer, from a real socket: as http.client reads it, but within a bound."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.net.answer_head import BoundedHead

SECONDS = 20


class Quick(BoundedHead):
    head_seconds = 0.1


@contextmanager
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    server, client = socket.socketpair()
    with server, client:
        client.settimeout(SECONDS)
        yield server, client


@given(st.integers(1, 200), st.integers(0, 300))
def test_a_head_is_read_however_it_comes_and_the_body_is_whole(cut: int, length: int) -> None:
    body = bytes(range(256)) * 2
    sent = b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 200 Fine\r\nContent-Length: %d\r\nETag: a\r\n\r\n" % length
    sent += body[:length]
    with pair() as (server, client):
        pieces = [sent[at : at + cut] for at in range(0, len(sent), cut)]
        writing = threading.Thread(target=lambda: [server.sendall(piece) for piece in pieces])
        writing.start()
        with BoundedHead(client) as answer:
            answer.begin()
            assert (answer.status, answer.headers["ETag"]) == (200, "a")
            assert answer.read() == body[:length]
        writing.join()


def test_a_head_that_drips_is_given_up() -> None:
    enough = threading.Event()

    def drip(server: socket.socket) -> None:
        with suppress(OSError):
            while not enough.wait(0.01):
                server.sendall(b"H")

    with pair() as (server, client):
        dripping = threading.Thread(target=drip, args=(server,))
        dripping.start()
        with Quick(client) as answer, pytest.raises(TimeoutError, match="was not complete"):
            answer.begin()
        enough.set()
        dripping.join()


def test_interim_answers_without_end_are_given_up() -> None:
    with pair() as (server, client):
        server.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
        with BoundedHead(client) as answer, pytest.raises(http.client.HTTPException, match="interim"):
            answer.begin()


@pytest.mark.parametrize("sent", [b"", b"garbage", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200])
def test_what_is_no_head_is_told_as_before(sent: bytes) -> None:
    ends = []
    for kind in (http.client.HTTPResponse, BoundedHead):
        with pair() as (server, client), kind(client) as answer:
            server.sendall(sent)
            server.shutdown(socket.SHUT_WR)
            try:
                answer.begin()
            except http.client.HTTPException as error:
                ends.append(repr(error))
            else:
                ends.append(repr((answer.status, dict(answer.headers))))
    assert ends[0] == ends[1]
