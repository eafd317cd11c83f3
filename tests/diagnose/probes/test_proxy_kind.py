from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
import trustme
from support.proxies import ProxyServer, running

from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.line import Line
from hfpush.diagnose.probes.connect import dial
from hfpush.diagnose.probes.proxy_kind import speaks
from hfpush.net.routes import Route

TARGET = ("hub.test", 443)


def over_tls(place: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.mark.parametrize("kind", ["http", "socks5"])
@pytest.mark.parametrize("login", [None, ("ada", "secret")])
def test_what_a_proxy_speaks_is_found_with_and_without_a_login(kind: str, login: tuple[str, str] | None) -> None:
    with running(ProxyServer(kind, login=login)) as proxy:
        assert speaks(*proxy.address, TARGET, 3.0) == kind


def test_a_proxy_that_is_spoken_to_over_tls_is_known(tmp_path: Path) -> None:
    with running(ProxyServer("http", tls=over_tls(tmp_path))) as proxy:
        assert speaks(*proxy.address, TARGET, 3.0) == "tls"


def test_what_is_not_there_or_silent_speaks_nothing_and_takes_no_longer_than_it_may() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        began = time.monotonic()
        assert speaks(*listener.getsockname(), TARGET, 0.3) == ""
        assert time.monotonic() - began < 1.5
        place = listener.getsockname()
    assert speaks(*place, TARGET, 0.3) == ""


def dialled(url: str, seconds: float = 2.0) -> Dial:
    return dial(Line("hub.test", 443, url, route=Route(url, "HTTPS_PROXY"), names="proxy"), seconds)[0]


@pytest.mark.parametrize(
    ("scheme", "kind", "spoken"),
    [
        ("http", "socks5", "socks5"),
        ("socks5h", "http", "http"),
        ("https", "http", "http"),
        ("https", "socks5", "socks5"),
    ],
)
def test_a_proxy_of_another_kind_than_its_address_says_is_told_as_what_it_is(
    scheme: str, kind: str, spoken: str
) -> None:
    with running(ProxyServer(kind)) as proxy:
        came = dialled(f"{scheme}://{proxy.place}")
    assert came.outcome in ("proxy-silent", "proxy-failed", "proxy-other-kind")
    assert came.speaks == spoken
    assert came.seconds < 3.0


def test_the_logins_that_a_proxy_takes_are_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answer = (
            b"HTTP/1.1 407 x\r\nProxy-Authenticate: Negotiate\r\nproxy-authenticate: NTLM TlRM\r\n"
            b'Proxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n'
        )
        threading.Thread(target=answering, args=(listener, answer), daemon=True).start()
        came = dialled(f"http://127.0.0.1:{listener.getsockname()[1]}")
        listener.shutdown(socket.SHUT_RDWR)
    assert (came.outcome, came.offers) == ("proxy-login", "Negotiate, NTLM, Basic")


def answering(listener: socket.socket, answer: bytes) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            with client:
                client.recv(4096)
                client.sendall(answer)


def test_a_proxy_that_answers_is_asked_no_more_than_once() -> None:
    with running(ProxyServer("http", forbidden=frozenset({"hub.test"}))) as proxy:
        came = dialled(proxy.url)
        assert (came.outcome, came.status, came.speaks) == ("proxy-refused", 403, "")
        assert proxy.connections == 1
