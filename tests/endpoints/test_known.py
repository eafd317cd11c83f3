"""From what a user types to an endpoint."""

from __future__ import annotations

import pytest

from hfpush.endpoints.known import HF, KNOWN, endpoint_of
from hfpush.errors import Misuse


@pytest.mark.parametrize("text", ["hf", "https://huggingface.co", "https://huggingface.co/", "HTTPS://HuggingFace.co"])
def test_the_hub_is_known_by_name_and_by_address(text: str) -> None:
    assert endpoint_of(text) is HF


@pytest.mark.parametrize(
    ("text", "name", "url"),
    [
        ("http://127.0.0.1:8081/", "127.0.0.1:8081", "http://127.0.0.1:8081"),
        ("https://Mirror.Example/Hub//", "mirror.example", "https://mirror.example/Hub"),
        ("http://[::1]:9", "[::1]:9", "http://[::1]:9"),
    ],
)
def test_a_url_becomes_an_endpoint_without_a_slash_at_its_end(text: str, name: str, url: str) -> None:
    endpoint = endpoint_of(text)
    assert (endpoint.name, endpoint.url) == (name, url)
    assert endpoint.owns(url + "/x")


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("", "endpoint-unknown"),
        ("hugging", "endpoint-unknown"),
        ("huggingface.co", "endpoint-unknown"),
        ("https://ada:secret@huggingface.co", "endpoint-credentials"),
        ("https://secret@", "endpoint-invalid"),
        ("ssh://hf.co", "endpoint-invalid"),
        ("https://", "endpoint-invalid"),
        ("https://[", "endpoint-invalid"),
        ("https://h:99999", "endpoint-invalid"),
        ("https://h ost", "endpoint-invalid"),
        ("https://h\\x", "endpoint-invalid"),
        ("https://h/?token=secret", "endpoint-invalid"),
        ("https://h/?", "endpoint-invalid"),
        ("https://h/#secret", "endpoint-invalid"),
    ],
)
def test_anything_else_is_a_misuse_that_repeats_no_secret(text: str, reference: str) -> None:
    with pytest.raises(Misuse) as caught:
        endpoint_of(text)
    assert caught.value.finding.reference == reference
    assert "secret" not in repr(caught.value.finding)


def test_each_known_endpoint_is_known_by_its_own_name() -> None:
    assert all(endpoint.name == name and endpoint_of(name) is endpoint for name, endpoint in KNOWN.items())
