"""SOCKS as bytes: what is sent for each kind of host and login. The conversations are in test_dial.py."""

from __future__ import annotations

import socket

import pytest

from hfpush.net.proxies import parse_proxy
from hfpush.net.proxy_fault import ProxyFault
from hfpush.net.socks import through_socks

OPEN5, GRANTED5, GRANTED4 = b"\x05\x00", b"\x05\x00\x00\x01" + bytes(6), b"\x00\x5a" + bytes(6)


def sent(proxy: str, host: str, answers: bytes) -> bytes:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(5)
        theirs.sendall(answers + b"host's own")
        through_socks(ours, parse_proxy(proxy, "x"), host, 443, "x")
        assert ours.recv(100) == b"host's own"
        return theirs.recv(1000)


@pytest.mark.parametrize(
    ("proxy", "host", "answers", "bytes_sent"),
    [
        ("socks5h://p", "hub.test", OPEN5 + GRANTED5, b"\x05\x01\x00\x05\x01\x00\x03\x08hub.test\x01\xbb"),
        ("socks5h://p", "10.0.0.1", OPEN5 + GRANTED5, b"\x05\x01\x00\x05\x01\x00\x01\x0a\x00\x00\x01\x01\xbb"),
        ("socks5h://p", "::2", OPEN5 + GRANTED5, b"\x05\x01\x00\x05\x01\x00\x04" + bytes(15) + b"\x02\x01\xbb"),
        ("socks5h://p", "höb.test", OPEN5 + GRANTED5, b"\x05\x01\x00\x05\x01\x00\x03\x0fxn--hb-fka.test\x01\xbb"),
        ("socks5h://u:p@p", "10.0.0.1", OPEN5 + GRANTED5, b"\x05\x02\x00\x02\x05\x01\x00\x01\x0a\x00\x00\x01\x01\xbb"),
        (
            "socks5h://u:p@p",
            "10.0.0.1",
            b"\x05\x02\x01\x00" + GRANTED5,
            b"\x05\x02\x00\x02\x01\x01u\x01p\x05\x01\x00\x01\x0a\x00\x00\x01\x01\xbb",
        ),
        (
            "socks5h://p",
            "hub.test",
            OPEN5 + b"\x05\x00\x00\x03\x04a.bc\x00\x01",  # a bound address that is a name
            b"\x05\x01\x00\x05\x01\x00\x03\x08hub.test\x01\xbb",
        ),
        (
            "socks5h://p",
            "hub.test",
            OPEN5 + b"\x05\x00\x00\x04" + bytes(18),
            b"\x05\x01\x00\x05\x01\x00\x03\x08hub.test\x01\xbb",
        ),
        ("socks4a://p", "hub.test", GRANTED4, b"\x04\x01\x01\xbb\x00\x00\x00\x01\x00hub.test\x00"),
        ("socks4a://ada@p", "10.0.0.1", GRANTED4, b"\x04\x01\x01\xbb\x0a\x00\x00\x01ada\x00"),
    ],
)
def test_what_is_said_to_the_proxy(proxy: str, host: str, answers: bytes, bytes_sent: bytes) -> None:
    assert sent(proxy, host, answers) == bytes_sent


@pytest.mark.parametrize(
    ("proxy", "host", "answers", "kind"),
    [
        ("socks4a://p", "fd00::1", b"", "failed"),
        ("socks5h://p", "a" * 63 + ".test" * 50, OPEN5, "failed"),
        ("socks5h://" + "u" * 256 + ":p@p", "hub.test", b"\x05\x02", "login"),
    ],
)
def test_what_socks_cannot_say(proxy: str, host: str, answers: bytes, kind: str) -> None:
    with pytest.raises(ProxyFault) as caught:
        sent(proxy, host, answers)
    assert caught.value.kind == kind
