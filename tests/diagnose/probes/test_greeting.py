"""One handshake, with servers that do all that servers do."""

from __future__ import annotations

import socket
import ssl
import time
import warnings

import pytest
import trustme
from support.tls_doors import Manner, TlsDoor, alerts, closes, is_silent, resets, says, says_half, speaks

from hfpush.diagnose.probes.certificate import read_certificate
from hfpush.diagnose.probes.greeting import Greeted, greet

AUTHORITY = trustme.CA(organization_name="Ada's Office", organization_unit_name="Inspection")


def server(*, old: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("hub.test").configure_cert(context)
    context.set_alpn_protocols(["h2"])
    if old:
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the old version is what is wanted here
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    return context


def greeted(manner: Manner, seconds: float = 3.0) -> Greeted:
    with TlsDoor(manner) as door, socket.create_connection(("127.0.0.1", door.port)) as connection:
        return greet(connection, "hub.test", time.monotonic() + seconds)


@pytest.mark.parametrize(
    ("manner", "outcome", "alert"),
    [
        pytest.param(resets, "reset", 0, id="reset"),
        pytest.param(closes, "closed", 0, id="close"),
        pytest.param(alerts(40), "alert", 40, id="handshake failure"),
        pytest.param(alerts(112), "alert", 112, id="name unknown"),
        pytest.param(says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "plaintext", 0, id="plain HTTP"),
        pytest.param(says(b"no"), "plaintext", 0, id="a short text"),
        pytest.param(says(b"\x00\x01\x02\x03\x04\x05\x06"), "garbage", 0, id="garbage"),
        pytest.param(says(b"\x01"), "garbage", 0, id="one byte"),
        pytest.param(says_half(server(), 40, closes), "closed", 0, id="half a ServerHello, close"),
        pytest.param(says_half(server(), 40, resets), "reset", 0, id="half a ServerHello, reset"),
        pytest.param(speaks(server(old=True)), "alert", 70, id="an old version only"),
        pytest.param(
            says(bytes.fromhex("160301002a020000260301") + bytes(36)), "not-agreed", 0, id="a ServerHello of TLS 1.0"
        ),
    ],
)
def test_it_is_told_how_it_ended(manner: Manner, outcome: str, alert: int) -> None:
    found = greeted(manner)
    assert (found.outcome, found.alert) == (outcome, alert), found


def test_silence_ends_with_the_time_for_it() -> None:
    began = time.monotonic()
    assert greeted(is_silent, 0.2).outcome == "silent"
    assert time.monotonic() - began < 2


def test_a_half_that_drips_no_further_is_silence_and_counted() -> None:
    found = greeted(says_half(server(), 40, is_silent), 0.3)
    assert (found.outcome, found.got) == ("silent", 40)


def test_a_handshake_that_stands_gives_version_protocol_and_certificate() -> None:
    found = greeted(speaks(server()))
    assert (found.outcome, found.version, found.protocol) == ("ok", "TLS 1.3", "h2")
    certificate = read_certificate(found.certificate)
    assert certificate is not None
    assert certificate.names == ("hub.test",)


def test_an_old_version_is_named_where_the_server_says_it() -> None:
    assert greeted(says(bytes.fromhex("160301002a020000260301") + bytes(36))).version == "TLS 1.0"
