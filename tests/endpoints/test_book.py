"""The list of endpoints as a value."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hfpush.endpoints import Book, Endpoint
from hfpush.endpoints.book import Entry
from hfpush.endpoints.known import HF, HF_MIRROR, LOCAL
from hfpush.errors import Misuse

CORP = Endpoint("corp", "https://artifacts.example/hf", "artifactory")
DEEP = Endpoint("deep", "https://artifacts.example/hf/deep", "relay", trusted=False)
OTHER = Endpoint("other", "https://hub.example")
BOOK = Book({one.name: Entry(one) for one in (CORP, DEEP, OTHER)}, use="corp")


def test_ours_come_first_and_the_users_follow() -> None:
    assert [one.name for one in BOOK] == ["hf", "hf-mirror", "local", "corp", "deep", "other"]
    assert list(Book()) == [HF, HF_MIRROR, LOCAL]


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("hf", HF),
        ("corp", CORP),
        ("https://Artifacts.example/hf/", CORP),
        ("https://hf.co", HF),
        ("http://127.0.0.1:8080/", LOCAL),
        ("https://new.example", Endpoint("new.example", "https://new.example", trusted=False)),
        ("http://127.0.0.1:9", Endpoint("127.0.0.1:9", "http://127.0.0.1:9", trusted=True)),
    ],
)
def test_an_endpoint_is_found_by_name_and_by_url(text: str, endpoint: Endpoint) -> None:
    assert BOOK.find(text) == endpoint


def test_a_name_that_is_nobodys_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(Misuse) as caught:
        BOOK.find("crop")
    assert caught.value.finding.reference == "endpoint-unknown"
    assert "corp" in caught.value.finding.evidence[0]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://artifacts.example/hf/a", "corp"),
        ("https://artifacts.example/hf/deep/a", "deep"),
        ("https://huggingface.co/a/b", "hf"),
        ("https://artifacts.example/x", None),
    ],
)
def test_a_url_belongs_to_the_endpoint_with_the_longest_prefix(url: str, name: str | None) -> None:
    owner = BOOK.owner(url)
    assert (None if owner is None else owner.name) == name


def test_candidates_are_the_ways_to_the_hub_and_no_other_hub() -> None:
    assert [one.name for one in BOOK.candidates(with_token=True)] == ["hf", "corp"]
    assert [one.name for one in BOOK.candidates(with_token=False)] == ["hf", "hf-mirror", "corp", "deep"]


def test_a_mirror_is_a_candidate_for_a_token_once_it_is_trusted() -> None:
    book = BOOK.with_entry(Entry(replace(HF_MIRROR, trusted=True), added=False))
    assert [one.name for one in book.candidates(with_token=True)] == ["hf", "hf-mirror", "corp"]


def test_what_is_removed_is_no_longer_in_use() -> None:
    assert BOOK.without("corp").use is None
    assert BOOK.without("deep").use == "corp"
    assert "corp" not in BOOK.without("corp").names


def test_of_ours_an_entry_is_what_we_ship() -> None:
    assert BOOK.entry("hf") == Entry(HF, added=False)
    assert BOOK.entry("corp").endpoint == CORP
