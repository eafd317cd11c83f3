"""HTTP/2 as git would meet it: what breaks is told from what works and from what is not offered."""

from __future__ import annotations

import socket
import ssl
import time
from pathlib import Path

import pytest
import trustme
from support.front import Front
from support.http2_server import Http2Front
from support.origin import answer, origin

from hfpush.diagnose.probes.ask import http_for
from hfpush.diagnose.probes.http2 import try_http2
from hfpush.endpoints import Endpoint
from hfpush.net.network import Network

CA = trustme.CA()


def tried(front: Front, tmp_path: Path, seconds: float = 3.0) -> tuple[str, str]:
    bundle = tmp_path / "ca.pem"
    CA.cert_pem.write_to_path(str(bundle))
    host, port = front.door
    with http_for(Endpoint("here", f"https://{host}:{port}"), Network(ca_bundle=str(bundle)), None, seconds) as http:
        return try_http2(http, seconds)


def context() -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CA.issue_cert("127.0.0.1").configure_cert(made)
    return made


@pytest.mark.parametrize(
    ("how", "told", "said"),
    [
        ("well", "ok", ""),
        ("refuse-http2", "not-offered", ""),
        ("reset", "broken", "the stream was reset with INTERNAL_ERROR"),
        ("goaway", "broken", "the connection was ended with INTERNAL_ERROR"),
        ("close", "broken", "closed before the answer was whole"),
        ("garbage", "broken", "no HTTP/2"),
        ("half", "broken", "no whole answer in time"),
        ("silent", "broken", "no whole answer in time"),
    ],
)
def test_what_happens_to_a_request_by_http2_is_told(how: str, told: str, said: str, tmp_path: Path) -> None:
    slow = how in ("half", "silent")
    with origin(lambda head: answer(b"{}")) as hub, Http2Front([], hub.url, context(), how) as front:
        found, words = tried(front, tmp_path, 0.7 if slow else 3.0)
    assert found == told
    assert said in words


def test_a_server_that_does_not_offer_it_is_not_asked(tmp_path: Path) -> None:
    with origin(lambda head: answer(b"{}")) as hub, Front([], hub.url, context()) as front:
        assert tried(front, tmp_path) == ("not-offered", "")


def test_where_there_is_no_tls_it_is_not_tried(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, Front([], "http://127.0.0.1:9") as front:
        front.door = silent.getsockname()[:2]
        began = time.monotonic()
        assert tried(front, tmp_path, 0.5)[0] == "not-tried"
        assert time.monotonic() - began < 2
