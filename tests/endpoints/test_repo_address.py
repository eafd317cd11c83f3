"""Repository ids, and the addresses made of them."""

from __future__ import annotations

import pytest
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id
from hypothesis import given
from hypothesis import strategies as st

from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import Misuse

HUB = Endpoint("hub", "https://hub.example/p")
HOSTILE = ["", "/", "a/", "/a", "a/b/c", "../a", "a/..", "a/b.git", "-a/b", "a/b-", "a/b.", ".a/b", "a--b/c", "a..b"]


@pytest.mark.parametrize("repo_id", ["gpt2", "ada/model", "a_/b.c-d", "ada/" + "x" * 96, "_x/_y"])
def test_an_id_that_the_hub_takes_is_taken(repo_id: str) -> None:
    assert str(RepoAddress.parse(HUB, repo_id)) == repo_id


@pytest.mark.parametrize(
    "repo_id", [*HOSTILE, "a b/c", "a\\b", "a/b\n", "a/b%2e", "ä/b", "a/" + "x" * 97, "a/b?c", "a#b"]
)
def test_an_id_that_the_hub_would_not_take_is_refused(repo_id: str) -> None:
    with pytest.raises(Misuse) as caught:
        RepoAddress.parse(HUB, repo_id)
    assert caught.value.finding.reference == "repo-id-invalid"


def test_a_type_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Misuse) as caught:
        RepoAddress.parse(HUB, "ada/model", "models")
    assert caught.value.finding.reference == "repo-type-unknown"


@given(st.text("abZ09._-/", min_size=1, max_size=20) | st.sampled_from(HOSTILE))
def test_we_take_no_id_that_huggingface_hub_refuses(repo_id: str) -> None:
    try:
        RepoAddress.parse(HUB, repo_id)
    except Misuse:
        return
    try:
        validate_repo_id(repo_id)
    except HFValidationError as error:
        pytest.fail(f"{repo_id!r}: {error}")


@pytest.mark.parametrize(
    ("kind", "web", "api"),
    [
        ("model", "https://hub.example/p/ada/m", "https://hub.example/p/api/models/ada/m"),
        ("dataset", "https://hub.example/p/datasets/ada/m", "https://hub.example/p/api/datasets/ada/m"),
        ("space", "https://hub.example/p/spaces/ada/m", "https://hub.example/p/api/spaces/ada/m"),
    ],
)
def test_the_addresses_of_a_repository(kind: str, web: str, api: str) -> None:
    repo = RepoAddress.parse(HUB, "ada/m", kind)
    assert (repo.web_url, repo.api_url, repo.lfs_url) == (web, api, f"{web}.git/info/lfs")


def test_a_revision_and_a_path_are_quoted_into_the_address() -> None:
    repo = RepoAddress.parse(HUB, "ada/m")
    url = repo.resolve_url("refs/pr/1", "a dir/50%#?.bin")
    assert url == "https://hub.example/p/ada/m/resolve/refs%2Fpr%2F1/a%20dir/50%25%23%3F.bin"
    assert HUB.owns(url)
