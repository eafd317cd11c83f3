"""Where the token may go: the one rule, and the ways around it that must not work."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.endpoints import Endpoint
from hfpush.endpoints.endpoint import origin

HF = Endpoint("hf", "https://huggingface.co")
PREFIXED = Endpoint("mirror", "https://mirror.example/hub")
LOCAL = Endpoint("local", "http://127.0.0.1:8080")
SIX = Endpoint("six", "http://[::1]:8080")


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        (HF, "https://huggingface.co"),
        (HF, "https://huggingface.co/"),
        (HF, "https://huggingface.co/ada/model/resolve/main/a.bin?download=true"),
        (HF, "https://huggingface.co?x=1"),
        (HF, "HTTPS://HuggingFace.CO/api/whoami-v2"),
        (HF, "https://huggingface.co:443/x"),
        (HF, "https://huggingface.co:/x"),
        (HF, "https://huggingface.co/a/../b"),
        (HF, "https://huggingface.co/x@y"),
        (PREFIXED, "https://mirror.example/hub"),
        (PREFIXED, "https://mirror.example/hub/api"),
        (PREFIXED, "https://mirror.example/hub/a..b/.hidden/..."),
        (LOCAL, "http://127.0.0.1:8080/api"),
        (SIX, "http://[::1]:8080/api"),
    ],
)
def test_an_endpoint_owns_what_lies_below_it(endpoint: Endpoint, url: str) -> None:
    assert endpoint.owns(url)


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        # another scheme, host or port
        (HF, "http://huggingface.co/x"),
        (HF, "https://cdn-lfs.huggingface.co/x"),
        (HF, "https://huggingface.co.evil.example/x"),
        (HF, "https://evilhuggingface.co/x"),
        (HF, "https://huggingface.co./x"),
        (HF, "https://huggingface.co:8443/x"),
        (HF, "https://huggingface.co:0/x"),
        (LOCAL, "http://127.0.0.1/api"),
        (LOCAL, "http://127.0.0.1:80801/api"),
        (LOCAL, "http://localhost:8080/api"),
        (LOCAL, "http://2130706433:8080/api"),
        (SIX, "http://[::2]:8080/api"),
        (SIX, "http://[::1%25eth0]:8080/api"),
        # what two readers take for two hosts
        (HF, "https://huggingface.co@evil.example/"),
        (HF, "https://evil.example\\@huggingface.co/"),
        (HF, "https://huggingface.co\\.evil.example/"),
        (HF, "https://user@huggingface.co/"),
        (HF, "https://:@huggingface.co/"),
        (HF, "https://evil.example#@huggingface.co/"),
        (HF, "https://evil.example?@huggingface.co/"),
        (HF, "https://huggingface.co%40evil.example/"),
        (HF, "https://huggingface.co%2eevil.example/"),
        (HF, "https://huggingface。co/"),
        (HF, "https://huggingface.co\n.evil.example/"),
        (HF, "https://huggingface.co\t/"),
        (HF, " https://huggingface.co/"),
        (HF, "https://huggingface.co/a b"),
        (HF, "https://huggingface.co/\x00"),
        (HF, "https://huggingface.co:４４３/x"),
        (HF, "https://huggingface.co:4_43/x"),
        (HF, "https://huggingface.co:99999/x"),
        (HF, "https://[::1/"),
        # no address at all
        (HF, ""),
        (HF, "huggingface.co/x"),
        (HF, "//huggingface.co/x"),
        (HF, "https:huggingface.co/x"),
        (HF, "https:///huggingface.co/x"),
        (HF, "/api/whoami-v2"),
        (HF, "file:///etc/passwd"),
        (HF, "ftp://huggingface.co/x"),
        # beside the path prefix, or out of it
        (PREFIXED, "https://mirror.example/"),
        (PREFIXED, "https://mirror.example/hubx"),
        (PREFIXED, "https://mirror.example/HUB/x"),
        (PREFIXED, "https://mirror.example/hub/../x"),
        (PREFIXED, "https://mirror.example/hub/.."),
        (PREFIXED, "https://mirror.example/hub/./../x"),
        (PREFIXED, "https://mirror.example/hub/%2e%2e/x"),
        (PREFIXED, "https://mirror.example/hub/.%2E/x"),
        (PREFIXED, "https://mirror.example/hub/%252e%252e/x"),
        (PREFIXED, "https://mirror.example/hub/..%2fx"),
        (PREFIXED, "https://mirror.example/hub/..%5cx"),
        (PREFIXED, "https://mirror.example/hub/..;/x"),
        (PREFIXED, "https://mirror.example//hub/x"),
        (PREFIXED, "https://mirror.example/x?/hub/"),
    ],
)
def test_an_endpoint_owns_nothing_else(endpoint: Endpoint, url: str) -> None:
    assert not endpoint.owns(url)


@given(st.text(max_size=60), st.sampled_from(["", "https://", "https://huggingface.co", "https://mirror.example/hub/"]))
def test_no_text_breaks_the_rule(text: str, start: str) -> None:
    for endpoint in (HF, PREFIXED):
        assert endpoint.owns(start + text) in (True, False)


@given(st.text("ab/.%2eE5cf;\\@:?#", max_size=30))
def test_what_a_prefixed_endpoint_owns_stays_below_its_prefix(tail: str) -> None:
    import posixpath
    from urllib.parse import unquote, urlsplit

    url = f"https://mirror.example/hub{tail}"
    if PREFIXED.owns(url):
        path = unquote(urlsplit(url).path).replace("\\", "/")
        assert posixpath.normpath(path).split("/")[:2] == ["", "hub"]


def test_an_endpoint_that_cannot_be_read_owns_nothing_not_even_itself() -> None:
    assert not Endpoint("bad", "https://[").owns("https://[")


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin("HTTPS://Hub.Example/x") == ("https", "hub.example", 443)
    assert origin("http://[::1]:80/") == ("http", "::1", 80)
    assert origin("ssh://hub.example") is None
