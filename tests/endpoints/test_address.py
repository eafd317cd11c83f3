"""A URL as it was pasted, and what is secret in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.endpoints.address import Address, host_of, is_loopback, parse_address
from hfpush.errors import Misuse


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://hub.example", Address("https://hub.example")),
        ("HTTPS://Hub.Example:8443/Api//", Address("https://hub.example:8443/Api")),
        ("https://hf.co", Address("https://huggingface.co")),
        ("https://hf.co/", Address("https://huggingface.co")),
        ("https://ada:secret@hub.example/x", Address("https://hub.example/x", "secret")),
        ("https://hf_token@hub.example", Address("https://hub.example", "hf_token")),
        ("https://ada:p%40ss@hub.example", Address("https://hub.example", "p@ss")),
        ("https://ada:p@ss@hub.example", Address("https://hub.example", "p@ss")),
        ("https://@hub.example", Address("https://hub.example")),
        ("http://[::1]:9/x@y", Address("http://[::1]:9/x@y")),
    ],
)
def test_an_address_is_parted_from_its_secret(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text", ["hub.example", "ftp://hub.example", "https://", "https://secret@", "https://h/?secret"]
)
def test_what_is_no_address_is_refused_and_no_secret_is_repeated(text: str) -> None:
    with pytest.raises(Misuse) as caught:
        parse_address(text)
    assert caught.value.finding.reference == "endpoint-invalid"
    assert "secret" not in str(caught.value.finding)


@given(st.text("ab:@/?#%.\\[]s ", max_size=30))
def test_any_text_is_an_address_without_a_user_or_a_misuse(text: str) -> None:
    try:
        address = parse_address(f"https://{text}")
    except Misuse:
        return
    assert "@" not in host_of(address.url)
    assert parse_address(address.url) == Address(address.url)


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:1", True),
        ("http://LOCALHOST:1", True),
        ("https://localhost.example", False),
        ("http://10.0.0.1", False),
        ("http://2130706433", False),
        ("http://128.0.0.1", False),
        ("nothing", False),
    ],
)
def test_what_leads_to_this_machine(url: str, loopback: bool) -> None:
    assert is_loopback(url) is loopback
