"""The idle limit while a body is being sent: on a new connection, a kept one, and over TLS; and the way out: proxies,
handshakes that are cut, certificates."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from support.proxies import ProxyServer, running

from hfpush.endpoints import Endpoint
from hfpush.errors import Refused, Unavailable
from hfpush.net.body import SliceBody
from hfpush.net.download import Wanted, open_download
from hfpush.net.http import Call, Http
from hfpush.net.network import Network
from hfpush.net.patience import Patience
from hfpush.net.pool import BLOCK_BYTES, HANDSHAKE_WAITS, Adapter
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


# ------------------------------------------------------------------ the way out, with real proxies

AUTHORITY = trustme.CA()
LOGIN = ("ada", "p@ss/w:rd")
Way = Callable[[Http, Call], Any]
WAYS: list[Way] = [
    lambda http, call: http.send(call).content,
    lambda http, call: http.exchange(call).body,
    lambda http, call: downloaded(http, call.url),
]


def downloaded(http: Http, url: str) -> bytes:
    got = bytearray()
    with open_download(http, url, Wanted(size=4)) as download:
        download.receive(lambda at, data: got.__setitem__(slice(at, at + len(data)), bytes(data)))
    return bytes(got)


@pytest.fixture
def trusted(tmp_path: Path) -> str:
    AUTHORITY.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return str(tmp_path / "ca.pem")


def shown_by(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(name).configure_cert(context)
    return context


def network(proxy: str, ca_bundle: str | None = None, name: str = "ALL_PROXY", **limits: float) -> Network:
    patience = Patience(**({"connect": 5, "idle": 5, "answer": 5} | limits))
    return Network(patience, ca_bundle, Routes.of({name: proxy}))


def place_of(peer: Any) -> tuple[str, int]:
    return "127.0.0.1", int(peer.url.rpartition(":")[2])


@pytest.mark.parametrize("way", WAYS, ids=["send", "exchange", "download"])
@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("login", [None, LOGIN], ids=["open", "login"])
@pytest.mark.parametrize("kind", ["http", "https", "socks5"])
def test_every_kind_of_request_goes_through_every_kind_of_proxy(
    kind: str, login: tuple[str, str] | None, tls: bool, way: Way, serve: Any, trusted: str
) -> None:
    peer = serve(lambda _: (200, {}, b"fine"), tls=shown_by("hub.test") if tls else None)
    own = shown_by("127.0.0.1") if kind == "https" else None
    server = ProxyServer(kind.replace("https", "http"), login=login, hosts={"hub.test": place_of(peer)}, tls=own)
    url = f"{'https' if tls else 'http'}://hub.test/a?x=1"
    with running(server), Http(Endpoint("x", url[:-6]), network=network(server.url_with_login, trusted)) as http:
        assert way(http, Call("GET", url, signed=True)) == b"fine"
    assert server.targets == [f"hub.test:{443 if tls else 80}"]
    assert [request.path for request in peer.requests] == ["/a?x=1"]
    assert "proxy-authorization" not in peer.requests[0].headers


def test_a_connection_through_a_proxy_is_kept(serve: Any, trusted: str) -> None:
    peer = serve(lambda _: (200, {}, b"fine"), tls=shown_by("hub.test"))
    server = ProxyServer("http", hosts={"hub.test": place_of(peer)})
    with running(server), Http(Endpoint("x", "https://hub.test"), network=network(server.url, trusted)) as http:
        for _ in range(5):
            assert http.exchange(Call("GET", "https://hub.test/a")).body == b"fine"
            assert http.send(Call("GET", "https://hub.test/a")).content == b"fine"
    assert (server.connections, peer.connections) == (1, 1)


def test_a_login_that_a_plain_proxy_wants_names_the_variable() -> None:
    server = ProxyServer("http", login=LOGIN)
    with running(server), Http(Endpoint("x", "http://hub.test"), network=network(server.url)) as http:
        for way in WAYS[:2]:
            with pytest.raises(Refused) as caught:
                way(http, Call("GET", "http://hub.test/a"))
            assert caught.value.finding.reference == "proxy-login"
            assert "ALL_PROXY" in caught.value.finding.remedy[0]


def test_a_proxy_that_hangs_up_after_its_yes_has_lost_its_way() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = ProxyServer("http", hosts={"hub.test": listener.getsockname()}, lost=True)
        with (
            running(server),
            Http(Endpoint("x", "https://hub.test"), network=network(server.url)) as http,
            pytest.raises(Unavailable) as caught,
        ):
            http.exchange(Call("GET", "https://hub.test/a"))
    assert caught.value.finding.reference == "proxy-lost-way"
    assert server.connections == len(HANDSHAKE_WAITS) + 1


@pytest.mark.parametrize("way", WAYS[:2], ids=["send", "exchange"])
@pytest.mark.parametrize("reset", [True, False], ids=["reset", "closed"])
def test_a_handshake_that_is_cut_is_begun_again_at_once(way: Way, reset: bool, serve_raw: Any, trusted: str) -> None:
    context = shown_by("127.0.0.1")

    def talk(conversation: Any, peer: Any) -> None:
        if peer.connections < len(HANDSHAKE_WAITS) + 1:
            conversation.socket.recv(2000)
            conversation.cut() if reset else conversation.close()
            return
        with context.wrap_socket(conversation.socket, server_side=True) as secured:
            secured.recv(10_000)
            secured.sendall(b"HTTP/1.1 200 x\r\nContent-Length: 4\r\n\r\nfine")

    peer = serve_raw(talk)
    url = peer.url.replace("http:", "https:")
    began = time.monotonic()
    with Http(Endpoint("x", url), network=Network(Patience(connect=5), trusted)) as http:
        assert way(http, Call("GET", f"{url}/a")) == b"fine"
    assert peer.connections == len(HANDSHAKE_WAITS) + 1
    assert time.monotonic() - began < 3


def test_a_certificate_that_nobody_trusts_names_who_signed_it(serve: Any) -> None:
    authority = trustme.CA(organization_name="Ada's Inspection")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    peer = serve(lambda _: (200, {}, b""), tls=context)
    with Http(Endpoint("x", peer.url)) as http, pytest.raises(Refused) as caught:
        http.exchange(Call("GET", f"{peer.url}/a"))
    assert caught.value.finding.reference == "tls-untrusted"
    assert any("Ada's Inspection" in line for line in caught.value.finding.evidence)
    assert any("SSL_CERT_FILE" in line for line in caught.value.finding.remedy)
    assert peer.requests == []


def test_a_host_with_a_dot_at_its_end_is_the_same_host(serve: Any, trusted: str) -> None:
    peer = serve(lambda _: (200, {}, b"fine"), tls=shown_by("hub.test"))
    server = ProxyServer("socks5", hosts={"hub.test.": place_of(peer)})
    with running(server), Http(Endpoint("x", "https://hub.test."), network=network(server.url, trusted)) as http:
        assert http.exchange(Call("GET", "https://hub.test./a")).body == b"fine"
