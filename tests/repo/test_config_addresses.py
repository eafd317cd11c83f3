"""Where an address leads: to the endpoint's host, to the repository itself, or elsewhere."""

from __future__ import annotations

import pytest

from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.repo.config_addresses import holds_secret, reach, same_host, same_repository, without_user

HF = Endpoint("hf", "https://huggingface.co")
MIRROR = Endpoint("m", "https://hf.mirror.example/hf", "mirror")
HUB = Endpoint("own", "http://hub.example:8080")


@pytest.mark.parametrize(
    ("url", "endpoint", "same"),
    [
        ("https://huggingface.co/a/b.git/info/lfs", HF, True),
        ("https://u:p@HuggingFace.co/a/b", HF, True),
        ("https://hf.co/a/b", HF, True),
        ("git@hf.co:a/b", HF, True),
        ("ssh://git@hf.co/a/b", HF, True),
        ("http://huggingface.co/a/b", HF, False),
        ("https://huggingface.co.evil.example/a/b", HF, False),
        ("https://huggingface.co@evil.example/a/b", HF, False),
        ("file:///srv/lfs", HF, False),
        ("../other", HF, False),
        ("https://[", HF, False),
        ("https://huggingface.co/a/b", MIRROR, True),
        ("https://hf.mirror.example/hf/a/b", MIRROR, True),
        ("http://hf.mirror.example/hf/a/b", MIRROR, False),
        ("https://huggingface.co/a/b", HUB, False),
        ("http://hub.example:8080/a/b", HUB, True),
        ("http://hub.example/a/b", HUB, False),
    ],
)
def test_whose_host_an_address_is_at(url: str, endpoint: Endpoint, same: bool) -> None:
    assert same_host(url, endpoint) is same


@pytest.mark.parametrize(
    ("url", "endpoint", "same"),
    [
        ("https://huggingface.co/datasets/a/b.git/info/lfs", HF, True),
        ("https://huggingface.co/datasets/a/b", HF, True),
        ("git@hf.co:datasets/a/b.git", HF, True),
        ("https://huggingface.co/a/b.git/info/lfs", HF, False),
        ("https://huggingface.co/datasets/a/c", HF, False),
        ("https://evil.example/datasets/a/b", HF, False),
        ("https://hf.mirror.example/hf/datasets/a/b.git", MIRROR, True),
        ("https://huggingface.co/datasets/a/b.git", MIRROR, True),
    ],
)
def test_which_address_is_the_repositorys_own(url: str, endpoint: Endpoint, same: bool) -> None:
    assert same_repository(url, RepoAddress.parse(endpoint, "a/b", "dataset")) is same


@pytest.mark.parametrize(
    ("pattern", "reached"),
    [
        ("https://huggingface.co", True),
        ("https://HuggingFace.co/", True),
        ("https://huggingface.co/a", True),
        ("https://user@huggingface.co/a/b", True),
        ("https://*.co", True),
        ("https://huggingface.co/a/bc", False),
        ("https://huggingface.co/aa", False),
        ("http://huggingface.co", False),
        ("https://*", False),
        ("huggingface.co", False),
    ],
)
def test_for_which_addresses_a_setting_holds(pattern: str, reached: bool) -> None:
    assert (reach(pattern, "https://huggingface.co/a/b") is not None) is reached


def test_the_closer_address_counts_more() -> None:
    close, closer = (reach(one, "https://huggingface.co/a/b") for one in ("https://*.co", "https://huggingface.co/a"))
    assert close is not None
    assert closer is not None
    assert close < closer


@pytest.mark.parametrize(
    ("url", "secret", "without"),
    [
        ("https://u:pw@h/x", True, "https://h/x"),
        ("https://hf_abc@h", True, "https://h"),
        ("https://ada@h/x@y", False, "https://h/x@y"),
        ("https://h/u:p@x", False, "https://h/u:p@x"),
        ("ssh://git:pw@h/x", False, "ssh://h/x"),
        ("git@h:x", False, "git@h:x"),
    ],
)
def test_a_secret_in_an_address_is_found_and_can_be_left_out(url: str, secret: bool, without: str) -> None:
    assert (holds_secret(url), without_user(url)) == (secret, without)
