"""The route table as values."""

from __future__ import annotations

import pytest

from hfpush.diagnose.facts.machine import Client
from hfpush.diagnose.facts.ways import Target, Way, line_name


@pytest.mark.parametrize(
    ("host", "via", "name"),
    [
        ("hf.test", "", "hf.test:443 straight"),
        ("hf.test", "http://p:1", "hf.test:443 through http://p:1"),
        ("::1", "", "[::1]:443 straight"),
    ],
)
def test_lines_are_named_by_host_and_proxy(host: str, via: str, name: str) -> None:
    assert line_name(host, 443, via) == Way("git", "hub", host, 443, via).line == name


@pytest.mark.parametrize(
    ("client", "target", "needed"),
    [
        ("git", "hub", True),
        ("git", "storage", False),
        ("git-lfs", "storage", True),
        ("git-lfs", "xet", False),
        ("hf_xet", "xet", True),
        ("hf_xet", "hub", False),
        ("curl", "hub", False),
    ],
)
def test_each_client_needs_some_hosts(client: Client, target: Target, needed: bool) -> None:
    assert Way(client, target, "hf.test", 443).needed is needed


def test_tls_is_spoken_unless_the_url_says_http() -> None:
    assert Way("git", "hub", "hf.test", 443).secure
    assert not Way("git", "hub", "hf.test", 80, url="http://hf.test/me/m").secure
