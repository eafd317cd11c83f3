"""Which addresses a mirror's are, and where its token may go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hfpush.endpoints import Endpoint
from hfpush.net.mirrored import Mirrored

HUB = Endpoint("hub", "https://hub.example")
MIRROR = Endpoint("mirror", "https://mirror.example/hf", "mirror")
BOTH = Mirrored(MIRROR, (HUB,))


def test_only_trusted_hubs_stand_behind_it() -> None:
    others = (replace(HUB, trusted=False), replace(MIRROR, name="other"), Endpoint("same", MIRROR.url))
    assert Mirrored.of(MIRROR, (*others, HUB)) == BOTH


@pytest.mark.parametrize(
    ("endpoint", "url", "owned"),
    [
        (MIRROR, "https://mirror.example/hf/a", True),
        (MIRROR, "https://hub.example/a", True),
        (MIRROR, "http://hub.example/a", False),
        (MIRROR, "https://hub.example:8443/a", False),
        (MIRROR, "https://mirror.example/other", False),
        (MIRROR, "https://storage.example/a", False),
        (replace(MIRROR, trusted=False), "https://hub.example/a", False),
        (replace(MIRROR, kind="hub"), "https://hub.example/a", False),
        (replace(MIRROR, kind="relay"), "https://hub.example/a", True),
    ],
)
def test_the_token_goes_to_the_endpoint_and_to_the_hub_that_a_trusted_mirror_stands_for(
    endpoint: Endpoint, url: str, owned: bool
) -> None:
    assert Mirrored(endpoint, (HUB,)).owns(url) is owned


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("https://hub.example/api/x?cursor=a%2Fb&y=1", "https://mirror.example/hf/api/x?cursor=a%2Fb&y=1"),
        ("https://HUB.example:443/api/x", "https://mirror.example/hf/api/x"),
        ("https://hub.example", "https://mirror.example/hf"),
        ("https://hub.example.evil.example/x", None),
        ("https://mirror.example/hf/api/x", None),
        ("https://storage.example/x", None),
        ("https://user@hub.example/x", None),
    ],
)
def test_an_address_of_the_hub_is_the_mirrors_own(url: str, here: str | None) -> None:
    assert BOTH.here(url) == here
