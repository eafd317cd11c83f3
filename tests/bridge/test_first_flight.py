from __future__ import annotations

import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.bridge.first_flight import MOST_BYTES, may_be_repeated


def hello() -> bytes:
    """What Python's own TLS client says first."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="hf.test")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def record(kind: int, content: bytes) -> bytes:
    return bytes([kind, 3, 1]) + len(content).to_bytes(2, "big") + content


def test_a_real_hello_may_be_said_again_however_much_of_it_has_come() -> None:
    said = hello()
    assert all(may_be_repeated(said[:count]) for count in range(1, len(said) + 1))


@pytest.mark.parametrize(
    ("said", "may"),
    [
        (b"", False),
        (b"GET / HTTP/1.1\r\n", False),
        (b"POST", False),
        (b"SSH-2.0-x", False),
        (b"\x16", True),
        (b"\x16\x02", False),
        (record(0x16, b"hello"), True),
        (record(0x16, b"hel") + record(0x16, b"lo"), True),
        (record(0x16, b"hello") + record(0x14, b"\x01"), True),
        (record(0x16, b"hello") + record(0x17, b"early data"), False),
        (record(0x16, b"hello") + b"\x17", False),
        (record(0x15, b"\x02\x28"), False),
        (record(0x16, b"x" * 16_000) * 5, False),
    ],
)
def test_only_the_first_flight_of_tls_may_be_said_again(said: bytes, may: bool) -> None:
    assert may_be_repeated(said) is may


@given(st.binary(max_size=200))
def test_application_data_is_never_said_again(data: bytes) -> None:
    early = record(0x16, b"hello") + record(0x17, data)
    assert not may_be_repeated(early)
    assert not may_be_repeated(early + data)


def test_there_is_a_bound() -> None:
    assert not may_be_repeated(b"\x16\x03\x01\xff\xff" + bytes(MOST_BYTES))
