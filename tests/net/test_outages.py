"""What a request that got no answer means: each case with the real exception of the real library."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3

from hfpush.endpoints import Endpoint
from hfpush.errors import HfpushError, Misuse, Refused, Unavailable
from hfpush.net.http import Call, Http
from hfpush.net.network import Network
from hfpush.net.outages import network_failure
from hfpush.net.patience import Patience

SIGNED = "https://s3.example/bucket/key?X-Amz-Signature=SECRET"


def failure(url: str, **more: Any) -> HfpushError:
    """The error of a GET that nobody answers."""
    patience = Patience(connect=5, idle=2, answer=2, whole=5)
    http = Http(Endpoint("here", url), "hf_SECRETSECRET", network=Network(patience=patience, **more))
    with http, pytest.raises(HfpushError) as caught:
        http.send(Call("GET", f"{url}/x?sig=SECRET"))
    assert "SECRET" not in repr(caught.value.finding)
    assert caught.value.finding.evidence
    return caught.value


def test_a_port_where_nobody_listens() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        error = failure(f"http://127.0.0.1:{bound.getsockname()[1]}")
    assert (type(error), error.finding.reference) == (Unavailable, "connection-refused")
    assert f"127.0.0.1:{bound}" not in error.finding.message


def test_a_name_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RES_OPTIONS", "timeout:1 attempts:1")  # also where no name server answers
    error = failure("http://nowhere.invalid")
    assert (type(error), error.finding.reference) == (Unavailable, "name-unresolved")
    assert "nowhere.invalid" in error.finding.message


def test_a_server_that_hangs_up_at_once(serve_raw: Any) -> None:
    assert failure(serve_raw(lambda conversation, _: conversation.cut()).url).finding.reference == "connection-cut"


def test_a_server_that_speaks_something_else(serve_raw: Any) -> None:
    def talk(conversation: Any, _: Any) -> None:
        conversation.head()
        conversation.send(b"SSH-2.0-OpenSSH_9.2\r\n")

    assert isinstance(failure(serve_raw(talk).url), Unavailable)


@pytest.mark.needs("openssl")
@pytest.mark.parametrize(
    ("of", "trusted", "words"),
    [
        ({}, False, "not signed by anyone this machine trusts"),
        ({"name": "DNS:other.example"}, True, "is that of another host"),
        ({"end": "20200201000000Z"}, True, "is no longer valid"),
        ({"start": "20480101000000Z"}, True, "is not valid yet"),
    ],
)
def test_a_certificate_that_is_not_good(
    serve: Any, certificate: Callable[..., Any], of: dict[str, str], trusted: bool, words: str
) -> None:
    own = certificate(**of)
    peer = serve(lambda _: (200, {}, b""), tls=own.context)
    error = failure(peer.url, ca_bundle=str(own.file) if trusted else None)
    assert (type(error), error.finding.reference) == (Refused, "tls-untrusted")
    assert words in error.finding.message
    assert peer.requests == []


def test_plain_http_where_tls_is_due(serve_raw: Any) -> None:
    def talk(conversation: Any, _: Any) -> None:
        conversation.socket.recv(1000)
        conversation.answer(400)

    peer = serve_raw(talk)
    error = failure(peer.url.replace("http:", "https:"))
    assert (type(error), error.finding.reference) == (Unavailable, "tls-failed")


def test_a_connection_that_is_reset_in_the_handshake_is_cut(serve_raw: Any) -> None:
    def talk(conversation: Any, _: Any) -> None:
        conversation.socket.recv(1000)
        conversation.cut()

    peer = serve_raw(talk)
    error = failure(peer.url.replace("http:", "https:"))
    assert (type(error), error.finding.reference) == (Unavailable, "connection-cut")


def test_a_handshake_that_nobody_answers_is_stalled_or_does_not_connect(serve_raw: Any) -> None:
    peer = serve_raw(lambda conversation, peer: peer.over.wait(20))
    url = peer.url.replace("http:", "https:")
    patience = Patience(connect=0.3, idle=60, answer=60)
    with Http(Endpoint("here", url), network=Network(patience=patience)) as http, pytest.raises(Unavailable) as caught:
        http.send(Call("GET", url))
    assert caught.value.finding.reference in ("stalled", "connect-timeout")


def test_a_file_of_certificates_that_is_not_there(tmp_path: Path) -> None:
    error = failure("https://127.0.0.1:1", ca_bundle=str(tmp_path / "none.pem"))
    assert (type(error), error.finding.reference) == (Misuse, "ca-file-unusable")


@pytest.mark.parametrize("proxy", ["http://", "gopher://127.0.0.1:1", "socks9://127.0.0.1:1"])
def test_a_proxys_address_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    error = failure("http://hub.example")
    assert (type(error), error.finding.reference) == (Misuse, "proxy-unusable")


def test_a_proxy_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        monkeypatch.setenv("http_proxy", f"http://ada:SECRET@127.0.0.1:{bound.getsockname()[1]}")
        error = failure("http://hub.example")
    assert (type(error), error.finding.reference) == (Unavailable, "proxy-failed")


def caused(error: BaseException, cause: BaseException) -> BaseException:
    """As `raise error from cause` leaves it."""
    error.__cause__ = cause
    return error


POOL = urllib3.HTTPConnectionPool("s3.example")
CONNECTION = urllib3.connection.HTTPConnection("s3.example")


@pytest.mark.parametrize(
    ("error", "kind", "reference"),
    [
        (requests.exceptions.ConnectTimeout("x"), Unavailable, "connect-timeout"),
        (
            urllib3.exceptions.MaxRetryError(
                POOL, "/key?X-Amz-Signature=SECRET", urllib3.exceptions.ConnectTimeoutError()
            ),
            Unavailable,
            "connect-timeout",
        ),
        (
            requests.exceptions.ConnectionError(
                urllib3.exceptions.MaxRetryError(
                    POOL,
                    "/key?X-Amz-Signature=SECRET",
                    urllib3.exceptions.NewConnectionError(CONNECTION, "[Errno 113] No route to host"),
                )
            ),
            Unavailable,
            "host-unreachable",
        ),
        (
            urllib3.exceptions.NameResolutionError("s3.example", CONNECTION, socket.gaierror(-2, "Name not known")),
            Unavailable,
            "name-unresolved",
        ),
        (urllib3.exceptions.ReadTimeoutError(POOL, "/key?sig=SECRET", "Read timed out."), Unavailable, "stalled"),
        (
            caused(
                urllib3.exceptions.NewConnectionError(CONNECTION, "[Errno 104] Connection reset by peer"),
                ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
            ),
            Unavailable,
            "connection-cut",
        ),
        (TimeoutError("timed out"), Unavailable, "stalled"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), Unavailable, "name-unresolved"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), Unavailable, "host-unreachable"),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), Unavailable, "connection-cut"),
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), Unavailable, "connection-cut"),
        (ssl.SSLError(1, "[SSL: TLSV1_ALERT_PROTOCOL_VERSION]"), Unavailable, "tls-failed"),
        (requests.exceptions.InvalidHeader("bad value: 'Bearer SECRET'"), Refused, "url-unusable"),
        (requests.exceptions.InvalidURL(f"Invalid URL {SIGNED!r}"), Refused, "url-unusable"),
        (RuntimeError(""), Unavailable, "connection-cut"),
    ],
)
def test_an_exception_is_told_by_the_fact_that_counts(
    error: BaseException, kind: type[HfpushError], reference: str
) -> None:
    failure = network_failure("PUT", SIGNED, error)
    assert (type(failure), failure.finding.reference) == (kind, reference)
    assert "SECRET" not in repr(failure.finding)


def test_an_exception_that_holds_itself_is_looked_through_once() -> None:
    error = OSError("a")
    error.__context__ = inner = OSError("b")
    inner.__context__ = error
    assert network_failure("GET", SIGNED, error).finding.reference == "connection-cut"
