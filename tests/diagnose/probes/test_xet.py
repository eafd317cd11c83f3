"""The question for a Xet token, at a Hub without Xet and before one that has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.answering import Answering, Given, page

from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.lfs import Xet
from hfpush.diagnose.probes.xet import ask_xet
from hfpush.endpoints import Endpoint
from hfpush.localhub import LocalHub
from hfpush.net.network import Network

JSON = {"Content-Type": "application/json"}
GOOD = Given(200, b'{"accessToken": "xet-secret", "exp": 1, "casUrl": "https://cas.test/?sig=secret"}', JSON)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(root=tmp_path / "hub") as made:
        made.create("local/model")
        yield made


def asked(hub: LocalHub, given: Given, question: Question | None = None) -> tuple[Xet, list[str]]:
    def answer(method: str, path: str, headers: dict[str, str]) -> Given | None:
        return given if "/xet-" in path else None

    with Answering(answer, hub.doors[0]) as server:
        endpoint = Endpoint("here", server.url)
        xet, exchanges = ask_xet(
            endpoint, Network(known=()), hub.token, question or Question(repo_id="local/model"), 5.0
        )
        assert [one.what for one in exchanges] == ["xet-token"]
        return xet, [path for _, path, _ in server.asked]


def test_the_host_of_the_bytes_is_told_and_the_token_is_not(hub: LocalHub) -> None:
    xet, paths = asked(hub, GOOD)
    assert xet.offered
    assert xet.cas.startswith("https://cas.test")
    assert "secret" not in repr(xet)
    assert paths == ["/api/models/local/model/xet-write-token/main"]


def test_who_fetches_asks_for_a_token_to_read(hub: LocalHub) -> None:
    assert asked(hub, GOOD, Question("fetch", repo_id="local/model", repo_type="dataset"))[1] == [
        "/api/datasets/local/model/xet-read-token/main"
    ]


@pytest.mark.parametrize(
    ("given", "offered", "failure"),
    [
        (Given(404, b"{}", JSON), False, ""),
        (Given(401, b"{}", JSON), None, ""),
        (Given(503, b"{}", JSON), None, ""),
        (page("nothing here", 404), False, ""),
        (Given(200, b"{}", JSON), None, "not-a-hub"),
        (Given(200, b"{", JSON), None, "not-a-hub"),
        (Given(200, b'{"casUrl": "cas.test"}', JSON), None, "not-a-hub"),
    ],
)
def test_other_answers(hub: LocalHub, given: Given, offered: bool | None, failure: str) -> None:
    xet, _ = asked(hub, given)
    assert (xet.offered, xet.failure, xet.cas) == (offered, failure, "")


def test_without_a_repository_nothing_is_asked() -> None:
    endpoint = Endpoint("here", "http://127.0.0.1:9")
    assert ask_xet(endpoint, Network(known=()), None, Question(), 1.0) == (Xet(failure="not-asked"), ())
