"""What one session has found about its ways out."""

from __future__ import annotations

from pathlib import Path

import pytest

from hfpush.errors import Misuse
from hfpush.net.routes import Route, Routes
from hfpush.net.ways import Ways

P = "http://p:1"


def test_a_route_is_looked_up_once_for_each_origin() -> None:
    ways = Ways(Routes.of({"https_proxy": P}))
    first = ways.route("https://hub.test/a?x=1")
    assert first == Route(P, "https_proxy")
    assert ways.route("https://hub.test/b") is first
    assert ways.route("https://s3.test/b") is not first
    assert ways.route("http://hub.test/a").proxy is None


def test_a_misspelt_proxy_is_told_each_time() -> None:
    ways = Ways(Routes.of({"https_proxy": "socks9://p"}))
    for _ in range(2):
        with pytest.raises(Misuse):
            ways.route("https://hub.test/a")


@pytest.mark.parametrize(
    ("proxy", "url", "forwards"),
    [
        (P, "http://hub.test/a", True),
        ("https://p:1", "HTTP://hub.test/a", True),
        ("socks5h://p:1", "http://hub.test/a", False),
        (P, "https://hub.test/a", False),
        (P, "http://127.0.0.1/a", False),
    ],
)
def test_only_an_http_proxy_is_asked_for_a_whole_url_and_only_for_plain_http(
    proxy: str, url: str, forwards: bool
) -> None:
    assert (Ways(Routes.of({"ALL_PROXY": proxy})).forwarding(url) is not None) == forwards


def test_trust_is_that_of_the_bundle(tmp_path: Path) -> None:
    with pytest.raises(Misuse):
        Ways(Routes(), str(tmp_path / "none.pem")).context()
    assert Ways(Routes()).context() is Ways(Routes()).context()
