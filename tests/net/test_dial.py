"""One connection by each kind of proxy, real ones; and what each of their failures amounts to."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from support.proxies import ProxyServer, running

from hfpush.errors import HfpushError, Misuse, Refused, Unavailable
from hfpush.net.dial import basic, dial
from hfpush.net.proxies import Proxy, parse_proxy
from hfpush.net.routes import Route

LOGIN = ("ada", "p@ss:w/rd é")


@pytest.fixture
def echo() -> Iterator[tuple[str, int]]:
    """A server that speaks first, and then says back what it hears."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    with client, suppress(OSError):
                        client.sendall(b"hello ")
                        while data := client.recv(1 << 16):
                            client.sendall(data)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


@pytest.fixture
def proxy() -> Iterator[Callable[..., ProxyServer]]:
    with ExitStack() as stack:
        yield lambda *args, **kwargs: stack.enter_context(running(ProxyServer(*args, **kwargs)))


def through(server: ProxyServer, scheme: str = "", login: tuple[str, str] | None = None) -> Route:
    user, password = login or (None, None)
    host, port = server.address
    return Route(Proxy(scheme or server.scheme, host, port, user, password).url, "ALL_PROXY")


def said(connection: socket.socket, text: bytes = b"world") -> bytes:
    connection.sendall(text)
    data = b""
    while len(data) < 6 + len(text):
        data += connection.recv(1 << 16)
    return data


def failure(host: str, route: Route, seconds: float = 5) -> HfpushError:
    with pytest.raises(HfpushError) as caught:
        dial(host, 443, route, connect_seconds=seconds).close()
    assert LOGIN[1] not in repr(caught.value.finding)
    return caught.value


def test_straight(echo: tuple[str, int]) -> None:
    with dial(*echo, Route(), connect_seconds=5) as connection:
        assert said(connection) == b"hello world"
        assert connection.gettimeout() == 5


@pytest.mark.parametrize("login", [None, LOGIN])
@pytest.mark.parametrize(("kind", "scheme"), [("http", "http"), ("socks5", "socks5h"), ("socks5", "socks4a")])
def test_through_a_proxy_which_resolves_the_name(
    kind: str, scheme: str, login: tuple[str, str] | None, echo: tuple[str, int], proxy: Callable[..., ProxyServer]
) -> None:
    server = proxy(kind, login=login, hosts={"hub.test": echo})
    with dial("hub.test", 443, through(server, scheme, login), connect_seconds=5) as connection:
        assert said(connection) == b"hello world"  # and not a byte of the host's first words is lost
    assert server.targets == ["hub.test:443"]
    assert server.connections == 1
    assert server.refused_logins == 0


@pytest.mark.parametrize(("kind", "scheme"), [("http", "http"), ("socks5", "socks5h"), ("socks5", "socks4a")])
def test_an_address_is_given_as_one(
    kind: str, scheme: str, echo: tuple[str, int], proxy: Callable[..., ProxyServer]
) -> None:
    server = proxy(kind)
    with dial(*echo, through(server, scheme), connect_seconds=5) as connection:
        assert said(connection) == b"hello world"
    assert server.targets == [f"127.0.0.1:{echo[1]}"]


def test_through_a_proxy_that_is_spoken_to_over_tls(
    echo: tuple[str, int], proxy: Callable[..., ProxyServer], tmp_path: Path
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    server = proxy("http", tls=context, login=LOGIN, hosts={"hub.test": echo})
    route = through(server, login=LOGIN)
    with dial("hub.test", 443, route, connect_seconds=5, ca_bundle=str(tmp_path / "ca.pem")) as connection:
        assert said(connection, b"x" * 300_000) == b"hello " + b"x" * 300_000
    error = failure("hub.test", route)
    assert (type(error), error.finding.reference) == (Refused, "tls-untrusted")


@pytest.mark.parametrize("given", [None, ("ada", "wrong"), ("eve", "wrong")])
@pytest.mark.parametrize(("kind", "scheme"), [("http", "http"), ("socks5", "socks5h")])
def test_credentials_that_are_missing_or_wrong(
    kind: str, scheme: str, given: tuple[str, str] | None, proxy: Callable[..., ProxyServer]
) -> None:
    server = proxy(kind, login=LOGIN)
    error = failure("hub.test", through(server, scheme, given))
    assert (type(error), error.finding.reference) == (Refused, "proxy-login")
    assert "ALL_PROXY" in error.finding.remedy[0]
    assert server.targets == []


@pytest.mark.parametrize(("kind", "scheme"), [("http", "http"), ("socks5", "socks5h")])
def test_a_host_that_the_proxys_rules_forbid(kind: str, scheme: str, proxy: Callable[..., ProxyServer]) -> None:
    error = failure("s3.test", through(proxy(kind, forbidden=frozenset({"s3.test"})), scheme))
    assert (type(error), error.finding.reference) == (Refused, "proxy-refused")
    assert "s3.test" in error.finding.message


@pytest.mark.parametrize(("kind", "scheme"), [("http", "http"), ("socks5", "socks5h"), ("socks5", "socks4a")])
def test_a_host_that_the_proxy_cannot_reach(kind: str, scheme: str, proxy: Callable[..., ProxyServer]) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        error = failure("hub.test", through(proxy(kind, hosts={"hub.test": bound.getsockname()}), scheme))
    assert (type(error), error.finding.reference) == (Unavailable, "proxy-failed")
    assert "the proxy is set in ALL_PROXY" in error.finding.evidence


@pytest.mark.parametrize("scheme", ["http", "https", "socks5h", "socks4a"])
def test_a_proxy_that_is_not_there(scheme: str) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        error = failure("hub.test", Route(f"{scheme}://127.0.0.1:{bound.getsockname()[1]}", "https_proxy"))
    assert (type(error), error.finding.reference) == (Unavailable, "proxy-failed")
    assert "check https_proxy, and that the proxy runs" in error.finding.remedy


@pytest.mark.parametrize(
    ("kind", "scheme", "references"),
    [
        ("http", "socks5h", {"proxy-unusable", "proxy-failed"}),
        ("http", "socks4a", {"proxy-unusable", "proxy-failed"}),
        ("socks5", "http", {"proxy-unusable", "proxy-failed"}),
        ("http", "https", {"proxy-unusable", "proxy-failed"}),
    ],
)
def test_a_proxy_of_another_kind_than_its_address_says(
    kind: str, scheme: str, references: set[str], proxy: Callable[..., ProxyServer]
) -> None:
    error = failure("hub.test", through(proxy(kind), scheme), seconds=0.5)
    assert error.finding.reference in references
    assert any("of the kind that its address says" in line for line in error.finding.remedy)


@pytest.mark.parametrize(
    ("scheme", "answer", "kind"),
    [
        ("http", b"", Unavailable),
        ("http", b"SSH-2.0-x\r\n", Misuse),
        ("http", b"HTTP/1.1 what\r\n\r\n", Misuse),
        ("http", b"HTTP/1.1 502 x\r\n\r\n", Unavailable),
        ("http", b"HTTP/1.1 429 x\r\n\r\n", Unavailable),
        ("http", b"HTTP/1.1 200 x\r\n", Unavailable),
        ("http", b"HTTP/1.1 200 " + b"x" * 20000, Unavailable),
        ("socks5h", b"HTTP/1.1 400 x\r\n\r\n", Misuse),
        ("socks5h", b"\x05\xff", Refused),
        ("socks5h", b"\x05\x02", Refused),
        ("socks5h", b"\x05\x00\x05\x02\x00\x01", Refused),
        ("socks5h", b"\x05\x00\x05\x03\x00\x01", Unavailable),
        ("socks5h", b"\x05\x00\x05\x77\x00\x01", Unavailable),
        ("socks5h", b"\x05\x00\x04\x00\x00\x01", Misuse),
        ("socks4a", b"\x00\x5b" + bytes(6), Unavailable),
        ("socks4a", b"\x00\x5d" + bytes(6), Refused),
        ("socks4a", b"HTTP/1.1 ", Misuse),
    ],
)
def test_what_a_proxy_answers_is_told(scheme: str, answer: bytes, kind: type[HfpushError]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            client, _ = listener.accept()
            with client, suppress(OSError):  # a client that has heard enough
                client.sendall(answer)
                client.shutdown(socket.SHUT_WR)
                while client.recv(1000):
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        error = failure("hub.test", Route(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}", "ALL_PROXY"))
        thread.join(10)
    assert type(error) is kind


def test_a_proxy_that_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        route = Route(f"http://127.0.0.1:{listener.getsockname()[1]}", "ALL_PROXY")
        error = failure("hub.test", route, seconds=0.3)
    assert (type(error), error.finding.reference) == (Unavailable, "proxy-failed")


def test_a_proxy_whose_answer_drips_is_not_waited_for() -> None:
    def drip() -> None:
        client, _ = listener.accept()
        with client, suppress(OSError):
            client.sendall(b"HTTP/1.1 ")
            while not enough.wait(0.02):
                client.sendall(b"2")

    enough = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        dripping = threading.Thread(target=drip)
        dripping.start()
        route = Route(f"http://127.0.0.1:{listener.getsockname()[1]}", "here")
        assert "was not complete" in failure("hub.test", route, 0.2).finding.evidence[0]
        enough.set()
        dripping.join()


def test_a_misspelt_proxy_is_a_misuse() -> None:
    assert type(failure("hub.test", Route("socks9://p", "ALL_PROXY"))) is Misuse


def test_credentials_go_as_utf8_and_only_where_there_are_some() -> None:
    proxy = parse_proxy("http://ada:%C3%A9@p:1", "x")
    assert basic(proxy) == {"Proxy-Authorization": "Basic YWRhOsOp"}
    assert basic(replace(proxy, user=None, password=None)) == {}


def test_a_host_that_does_not_answer_a_connection_attempt_is_told_as_that() -> None:
    """Nobody takes connections from the listener's queue, which is full after one or two."""
    with socket.socket() as listener, ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(8):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        with pytest.raises(HfpushError) as caught:
            dial(*listener.getsockname(), Route(), connect_seconds=0.2)
    assert caught.value.finding.reference == "connect-timeout"
