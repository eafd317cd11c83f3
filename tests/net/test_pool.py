"""The idle limit while a body is being sent: on a new connection, a kept one, and over TLS."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hfpush.endpoints import Endpoint
from hfpush.errors import Unavailable
from hfpush.net.body import SliceBody
from hfpush.net.http import Call, Http
from hfpush.net.network import Network
from hfpush.net.patience import Patience
from hfpush.net.pool import BLOCK_BYTES, Adapter
from hfpush.net.routes import Routes
from hfpush.net.ways import Ways

LONG = 60.0
SIZE = 64 << 20  # more than all buffers on the way


@pytest.fixture
def big_file(tmp_path: Path) -> Path:
    """A file of SIZE bytes that takes no room."""
    with (tmp_path / "big").open("wb") as stream:
        stream.truncate(SIZE)
    return tmp_path / "big"


def put(http: Http, url: str, file: Path) -> None:
    with file.open("rb") as stream:
        http.send(Call("PUT", url, body=lambda: SliceBody(stream, SIZE), signed=True))


def stop_reading_at_a_put(conversation: Any, peer: Any) -> None:
    while (request := conversation.head()) is not None:
        if request.method == "PUT":
            conversation.socket.recv(100_000)
            peer.over.wait(20)
            return
        conversation.answer(200, b"{}")


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("kept", [False, True], ids=["new", "kept"])
def test_a_server_that_stops_reading_is_left_after_the_idle_limit(
    serve_raw: Any, certificate: Callable[..., Any], big_file: Path, tls: bool, kept: bool
) -> None:
    own = certificate()
    peer = serve_raw(stop_reading_at_a_put, tls=own.context if tls else None)
    patience = Patience(connect=LONG, idle=0.4, answer=LONG, whole=LONG)
    with Http(Endpoint("here", peer.url), network=Network(patience, str(own.file))) as http:
        if kept:
            http.send(Call("GET", f"{peer.url}/x"))
        started = time.monotonic()
        with pytest.raises(Unavailable) as caught:
            put(http, f"{peer.url}/x", big_file)
    assert caught.value.finding.reference == "stalled"
    assert time.monotonic() - started < LONG / 4
    assert peer.connections == 1


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("kept", [False, True], ids=["new", "kept"])
def test_a_slow_reader_is_not_left_before_the_idle_limit(
    serve_raw: Any, certificate: Callable[..., Any], big_file: Path, tls: bool, kept: bool
) -> None:
    def talk(conversation: Any, peer: Any) -> None:
        while (request := conversation.head()) is not None:
            if request.method == "PUT":
                peer.over.wait(0.8)  # longer than the limits to connect and to answer
                left = int(request.headers["content-length"])
                left -= len(conversation._stream.peek())
                conversation._stream.read(len(conversation._stream.peek()))
                while left > 0:
                    left -= len(conversation.socket.recv(1 << 20))
            conversation.answer(200, b"{}")

    own = certificate()
    peer = serve_raw(talk, tls=own.context if tls else None)
    patience = Patience(connect=0.5, idle=LONG, answer=0.5, whole=LONG)
    with Http(Endpoint("here", peer.url), network=Network(patience, str(own.file))) as http:
        if kept:
            http.send(Call("GET", f"{peer.url}/x"))
        put(http, f"{peer.url}/x", big_file)
    assert peer.connections == 1


def test_a_server_that_hangs_up_while_we_send_is_a_cut_connection(serve_raw: Any, big_file: Path) -> None:
    def talk(conversation: Any, _: Any) -> None:
        conversation.head()
        conversation.socket.recv(100_000)
        conversation.cut()

    peer = serve_raw(talk)
    with Http(Endpoint("here", peer.url)) as http, pytest.raises(Unavailable) as caught:
        put(http, f"{peer.url}/x", big_file)
    assert caught.value.finding.reference == "connection-cut"


def test_an_answer_given_before_the_body_was_read_is_heard(serve_raw: Any, big_file: Path) -> None:
    def talk(conversation: Any, peer: Any) -> None:
        request = conversation.head()
        conversation.answer(413, b"too large", {"Connection": "close"})
        left = int(request.headers["content-length"])
        while left > 0 and (data := conversation.socket.recv(1 << 20)):
            left -= len(data)

    peer = serve_raw(talk)
    with Http(Endpoint("here", peer.url)) as http, pytest.raises(Exception, match="refuses") as caught:
        put(http, f"{peer.url}/x", big_file)
    assert caught.value.status == 413  # type: ignore[attr-defined]


def test_blocks_are_large_directly_and_through_a_proxy() -> None:
    adapter = Adapter(connections=3, idle_seconds=1, ways=Ways(Routes()))
    proxied = adapter.proxy_manager_for("http://127.0.0.1:1")
    assert adapter.poolmanager.connection_pool_kw["blocksize"] == BLOCK_BYTES
    assert proxied.connection_pool_kw["blocksize"] == BLOCK_BYTES
    adapter.close()
