"""TLS behind a plain socket: bytes both ways, an end on either side, and TLS within it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator

import pytest
import trustme

from hfpush.net.tls_pipe import tls_pipe

AUTHORITY = trustme.CA()


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, ssl.SSLSocket]]:
    """The plain end of a pipe, and the far end of its TLS."""
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    AUTHORITY.issue_cert("proxy.test").configure_cert(server)
    AUTHORITY.configure_trust(client)
    near, far = socket.socketpair()
    near.settimeout(10)
    far.settimeout(10)
    made: list[ssl.SSLSocket] = []
    thread = threading.Thread(target=lambda: made.append(server.wrap_socket(far, server_side=True)), daemon=True)
    thread.start()
    plain = tls_pipe(client.wrap_socket(near, server_hostname="proxy.test"))
    thread.join(10)
    with plain, made[0]:
        yield plain, made[0]


def test_bytes_go_both_ways_at_once(ends: tuple[socket.socket, ssl.SSLSocket]) -> None:
    plain, far = ends
    size = 3_000_000
    sender = threading.Thread(target=lambda: far.sendall(b"a" * size), daemon=True)
    sender.start()
    got = b""
    while len(got) < size:
        got += plain.recv(1 << 16)
    sender.join(10)
    plain.sendall(b"b" * 100_000)
    back = b""
    while len(back) < 100_000:
        back += far.recv(1 << 16)
    assert (set(got), set(back)) == (set(b"a"), set(b"b"))


def test_what_nobody_reads_in_one_direction_does_not_stop_the_other(ends: tuple[socket.socket, ssl.SSLSocket]) -> None:
    plain, far = ends
    far.sendall(b"a" * 300_000)  # more than the plain end holds
    plain.sendall(b"b" * 100_000)
    got = b""
    while len(got) < 100_000:
        got += far.recv(1 << 16)
    back = b""
    while len(back) < 300_000:
        back += plain.recv(1 << 16)
    assert (set(got), set(back)) == (set(b"b"), set(b"a"))


def test_an_end_on_either_side_is_an_end_on_the_other(ends: tuple[socket.socket, ssl.SSLSocket]) -> None:
    plain, far = ends
    plain.shutdown(socket.SHUT_WR)
    assert far.recv(10) == b""


def test_the_far_end_hanging_up_is_the_end_here(ends: tuple[socket.socket, ssl.SSLSocket]) -> None:
    plain, far = ends
    far.sendall(b"last")
    far.shutdown(socket.SHUT_RDWR)
    assert plain.recv(10) == b"last"
    assert plain.recv(10) == b""
    assert plain.gettimeout() == 10
