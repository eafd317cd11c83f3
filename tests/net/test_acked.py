"""What the kernel says of a connection: real sockets, plain and with TLS."""

from __future__ import annotations

import os
import socket
import ssl
import sys
import threading
from collections.abc import Iterator

import pytest
import trustme

from hfpush.net.acked import Handle

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux says what was acknowledged")
SECONDS = 20.0


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two ends of a connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        here = socket.create_connection(listener.getsockname(), timeout=SECONDS)
        there, _ = listener.accept()
    there.settimeout(SECONDS)
    with here, there:
        yield here, there


def received_all(end: socket.socket, count: int) -> None:
    while count:
        count -= len(end.recv(min(count, 1 << 16)))


def handle_of(connection: socket.socket) -> Handle:
    handle = Handle.of(connection)
    assert handle is not None
    return handle


def test_bytes_that_the_other_kernel_has_are_acknowledged_though_nobody_read_them(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    here, there = ends
    before = handle_of(here).counts()
    here.sendall(b"x" * 5000)
    there.recv(1, socket.MSG_PEEK)
    there.sendall(b"y" * 70)
    here.recv(1, socket.MSG_PEEK)  # what was acknowledged with it has arrived as well
    after = handle_of(here).counts()
    assert before is not None
    assert after is not None
    assert after.acked - before.acked == 5000
    assert (after.received - before.received, after.unread, after.queued) == (70, 70, 0)


def test_what_the_other_side_does_not_take_is_queued_and_not_acknowledged(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    here, _ = ends
    here.setblocking(False)
    handed = 0
    try:
        while True:
            handed += here.send(b"x" * 65536)
    except BlockingIOError:
        pass
    counts = handle_of(here).counts()
    assert counts is not None
    assert counts.queued > 0
    assert abs(counts.acked + counts.queued - handed) <= 1  # the first packet of a connection counts as a byte


def test_a_handle_stays_good_when_tls_takes_the_socket_over(ends: tuple[socket.socket, socket.socket]) -> None:
    here, there = ends
    ca = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    ca.issue_cert("localhost").configure_cert(server)
    ca.configure_trust(client)
    handle = handle_of(here)

    def serve() -> None:
        with server.wrap_socket(there, server_side=True) as secured:
            received_all(secured, 50_000)
            secured.sendall(b"done")

    thread = threading.Thread(target=serve)
    thread.start()
    with client.wrap_socket(here, server_hostname="localhost") as secured:
        secured.sendall(b"x" * 50_000)
        assert secured.recv(4) == b"done"
        counts = handle.counts()
        assert counts is not None
        assert 50_000 < counts.acked < 60_000
        assert handle.alive
    thread.join(SECONDS)
    assert not handle.alive
    assert handle.counts() is None


def test_a_number_that_was_given_to_another_connection_is_not_taken_for_the_old_one(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    here, there = ends
    handle = handle_of(here)
    os.dup2(there.fileno(), here.fileno())
    assert not handle.alive
    assert handle.counts() is None


def test_a_closed_socket_has_no_handle_and_a_pipe_no_counts(ends: tuple[socket.socket, socket.socket]) -> None:
    here, _ = ends
    here.close()
    assert Handle.of(here) is None
    one, other = socket.socketpair()
    with one, other:
        assert handle_of(one).counts() is None
