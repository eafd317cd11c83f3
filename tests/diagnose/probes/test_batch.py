"""Where large files would go, asked of a Hub that answers well and badly."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.half_mirror import half_mirror

from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.lfs import Batch
from hfpush.diagnose.probes.batch import SIZES, Offer, ask_batch
from hfpush.endpoints import Endpoint
from hfpush.localhub import Fault, LocalHub, bad_json, html, redirect_loop, short_lease, status
from hfpush.net.network import Network

ASKED = Question(repo_id="local/model", real=False)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(root=tmp_path / "hub") as made:
        made.create("local/model")
        yield made


def asked(hub: LocalHub, question: Question = ASKED, url: str = "", kind: str = "hub") -> tuple[Batch, Offer | None]:
    endpoint = Endpoint("here", url or hub.url, kind)  # type: ignore[arg-type]  # one of its kinds
    return ask_batch(endpoint, Network(known=()), hub.token, question, 5.0)


def test_a_place_for_each_size_is_offered_and_nothing_is_sent(hub: LocalHub) -> None:
    batch, offer = asked(hub)
    assert (batch.status, batch.failure, batch.rejected, batch.href_unusable) == (200, "", 0, "")
    assert batch.storage == hub.doors[1]
    assert batch.verify == hub.doors[0]
    assert batch.lives == batch.left == 900.0
    assert offer is not None
    assert tuple(one.size for one in offer.places) == SIZES
    assert hub.seen.count("put") == hub.seen.count("verify") == hub.seen.count("complete") == 0


def test_content_is_that_of_its_object(hub: LocalHub) -> None:
    _, offer = asked(hub)
    assert offer is not None
    for one in offer.places[:-1]:
        assert hashlib.sha256(one.content).hexdigest() == urlsplit(one.action.href).path.rpartition("/")[2]


def test_nothing_secret_is_in_what_can_be_shown(hub: LocalHub) -> None:
    batch, offer = asked(hub)
    for secret in (hub.token, "Signature", "Authorization", "signature="):
        assert secret not in repr(batch)
        assert secret not in repr(offer)


def test_parts_are_asked_about_as_well(tmp_path: Path) -> None:
    with LocalHub(root=tmp_path / "hub", part_size=100_000, multipart_threshold=200_000) as hub:
        hub.create("local/model")
        batch, offer = asked(hub)
        assert (batch.transfer, batch.part_size, batch.complete) == ("multipart", 100_000, hub.doors[0])
        assert offer is not None
        assert offer.complete.startswith(f"{hub.doors[0]}/api/complete_multipart")


@pytest.mark.parametrize(
    ("fault", "status_code", "failure"),
    [
        (lambda: bad_json(on="batch", times=None), 200, "batch-unreadable"),
        (lambda: html(on="batch", times=None), 200, "not-a-hub"),
        (lambda: status(503, on="batch", times=None), 503, ""),
        (lambda: status(429, on="batch", times=None, retry_after=3), 429, ""),
    ],
)
def test_an_answer_that_is_none_is_a_fact(
    hub: LocalHub, fault: Callable[[], Fault], status_code: int, failure: str
) -> None:
    hub.faults.add(fault())
    batch, offer = asked(hub)
    assert (batch.status, batch.failure) == (status_code, failure)
    assert offer is None


def test_a_redirect_without_end_is_left_soon(hub: LocalHub) -> None:
    hub.faults.add(redirect_loop(on="batch"))
    batch, offer = asked(hub)
    assert batch.exchange is not None
    assert batch.exchange.loop
    assert offer is None
    assert hub.seen.count("batch") <= 12


def test_the_life_of_urls_is_told(hub: LocalHub) -> None:
    hub.faults.add(short_lease(3))
    batch, _ = asked(hub)
    assert batch.lives == batch.left == 3.0


@pytest.mark.parametrize(
    ("before", "after", "unusable"),
    [(b'"href": "http://', b'"href": "', "127.0.0.1"), (b'"href": "http://127.0.0.1', b'"href": "http://', "http://")],
)
def test_an_address_that_is_none_is_told_without_its_query(
    hub: LocalHub, before: bytes, after: bytes, unusable: str
) -> None:
    with half_mirror(hub.url, edits=lambda content: content.replace(before, after)) as mirror:
        batch, offer = asked(hub, url=mirror.url, kind="mirror")
    assert batch.href_unusable.startswith(unusable)
    assert "?" not in batch.href_unusable
    assert (batch.storage, offer) == ("", None)


def test_a_moment_that_is_over_counts_by_both_clocks(hub: LocalHub) -> None:
    def dead(content: bytes) -> bytes:
        return re.sub(rb'"expires_in": ?[0-9.]+', b'"expires_at": "2020-01-01T00:00:00Z"', content)

    with half_mirror(hub.url, edits=dead) as mirror:
        batch, _ = asked(hub, url=mirror.url, kind="mirror")
    assert batch.lives is not None
    assert batch.left is not None
    assert batch.lives < -1e6
    assert batch.left < -1e6


def test_who_only_fetches_asks_for_a_download(hub: LocalHub) -> None:
    batch, offer = asked(hub, Question("fetch", repo_id="local/model"))
    assert (batch.status, batch.storage, offer) == (200, "", None)


def test_without_a_repository_nothing_is_asked(hub: LocalHub) -> None:
    before = len(hub.seen.rows())
    assert asked(hub, Question()) == (Batch(failure="not-asked"), None)
    assert len(hub.seen.rows()) == before
