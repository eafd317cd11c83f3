"""What git tells a pre-push hook, and which repository at the Hub a URL names."""

from __future__ import annotations

import pytest

from hfpush.endpoints import Endpoint
from hfpush.errors import Misuse
from hfpush.repo.hooks.pushed import PushedRef, destination, kept_back, parse_pushed

ZERO, ONE, TWO = "0" * 40, "1" * 40, "2" * 64
HUB = Endpoint("hf", "https://huggingface.co")
ROOM = Endpoint("room", "http://127.0.0.1:8080/hub")


def test_each_line_is_a_ref_with_what_is_on_both_sides() -> None:
    lines = (
        f"refs/heads/a {ONE} refs/heads/b {ZERO}\n(delete) {ZERO} refs/heads/c {ONE}\nHEAD {TWO} refs/tags/t {TWO}\n"
    )
    assert parse_pushed(lines) == (
        PushedRef(ONE, "refs/heads/b", None),
        PushedRef(None, "refs/heads/c", ONE),
        PushedRef(TWO, "refs/tags/t", TWO),
    )
    assert parse_pushed("") == ()


def test_anything_else_is_told() -> None:
    with pytest.raises(Misuse) as told:
        parse_pushed("hello\n")
    assert told.value.finding.reference == "hook-input"


def test_refs_of_our_own_are_kept_back_unless_they_are_deleted() -> None:
    refs = parse_pushed(
        f"refs/hfpush/backup/1/heads/a {ONE} refs/hfpush/backup/1/heads/a {ZERO}\n"
        f"(delete) {ZERO} refs/hfpush/backup/2 {ONE}\n"
        f"refs/hfpush/export/main {ONE} refs/heads/main {ZERO}\n"
    )
    assert kept_back(refs) == ("refs/hfpush/backup/1/heads/a",)


@pytest.mark.parametrize(
    ("url", "endpoint", "repo", "token"),
    [
        ("https://huggingface.co/ada/m", HUB, "ada/m", None),
        ("https://huggingface.co/ada/m.git", HUB, "ada/m", None),
        ("https://huggingface.co/ada/m/", HUB, "ada/m", None),
        ("https://huggingface.co/datasets/ada/d", HUB, "datasets/ada/d", None),
        ("https://huggingface.co/spaces/ada/s", HUB, "spaces/ada/s", None),
        ("https://huggingface.co/gpt2", HUB, "gpt2", None),
        ("https://ada:hf_%78@huggingface.co/ada/m", HUB, "ada/m", "hf_x"),
        ("https://ada@huggingface.co/ada/m", HUB, "ada/m", None),
        ("http://127.0.0.1:8080/hub/datasets/ada/d", ROOM, "datasets/ada/d", None),
    ],
)
def test_a_url_of_the_endpoint_names_a_repository(url: str, endpoint: Endpoint, repo: str, token: str | None) -> None:
    found = destination(url, endpoint)
    assert found is not None
    assert (str(found.repo), found.token) == (repo, token)
    assert token is None or token not in repr(found)


@pytest.mark.parametrize(
    "url",
    [
        "git@hf.co:ada/m",
        "https://example.com/ada/m",
        "https://huggingface.co.example.com/ada/m",
        "https://huggingface.co@example.com/ada/m",
        "https://huggingface.co/a/b/c",
        "https://huggingface.co/",
        "/srv/repo.git",
        "",
    ],
)
def test_any_other_place_is_none(url: str) -> None:
    assert destination(url, HUB) is None
