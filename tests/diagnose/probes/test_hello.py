"""What a server's first bytes amount to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.diagnose.probes.hello import Said, what_came

_SERVER_HELLO = bytes.fromhex("160301002a020000260301") + bytes(36)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", Said("nothing")),
        (bytes([21, 3, 3, 0, 2, 2, 40]), Said("alert", alert=40)),
        (bytes([21, 3, 1, 0, 2, 1, 112]), Said("alert", alert=112)),
        (_SERVER_HELLO, Said("tls", version="TLS 1.0")),
        (_SERVER_HELLO + bytes([21, 3, 1, 0, 2, 2, 70]), Said("alert", alert=70, version="TLS 1.0")),
        (b"\x16", Said("tls")),
        (b"\x16\x03\x03\x00", Said("tls")),
        (bytes([21, 3, 3, 0, 2, 2]), Said("tls")),
        (b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n", Said("plaintext", began_with="HTTP/1.1 400 Bad Request")),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Said("plaintext", began_with="SSH-2.0-OpenSSH_9.2")),
        (b"\x05\xff", Said("garbage", began_with="05 ff")),
        (b"\x16\x03\x03\xff\xff", Said("garbage", began_with="16 03 03 ff ff")),
        (bytes(10), Said("garbage", began_with="00 00 00 00 00 00 00 00")),
    ],
)
def test_it_is_told_by_its_bytes(data: bytes, said: Said) -> None:
    assert what_came(data) == said


def test_a_token_in_plain_text_is_not_shown() -> None:
    assert "hf_abcdefghij" not in what_came(b"HTTP/1.1 302 hf_abcdefghijklmnop\r\n").began_with


@given(st.binary(max_size=300))
def test_any_bytes_amount_to_something(data: bytes) -> None:
    assert (what_came(data).kind == "nothing") == (not data)


@given(st.integers(0, len(_SERVER_HELLO) - 1))
def test_a_server_hello_that_is_cut_is_still_tls(length: int) -> None:
    assert what_came(_SERVER_HELLO[: length + 1]).kind == "tls"
