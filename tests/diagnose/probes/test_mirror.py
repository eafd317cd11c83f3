"""Mirrors that carry all, or leave the end of an upload undone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.half_mirror import half_mirror

from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.lfs import Mirror, Put, Xet
from hfpush.diagnose.probes.batch import ask_batch
from hfpush.diagnose.probes.mirror import look_at_mirror, rounded_off
from hfpush.endpoints import Endpoint
from hfpush.localhub import LocalHub
from hfpush.net.network import Network


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(root=tmp_path / "hub", part_size=100_000, multipart_threshold=200_000) as made:
        made.create("local/model")
        yield made


def looked(hub: LocalHub, url: str, kind: Any) -> Mirror | None:
    endpoint, network = Endpoint("here", url, kind), Network(known=())
    batch, offer = ask_batch(endpoint, network, hub.token, Question(repo_id="local/model"), 5.0)
    return look_at_mirror(endpoint, network, batch, offer, 4.0)


def test_a_hub_is_no_mirror(hub: LocalHub) -> None:
    assert looked(hub, hub.url, "hub") is None


def test_what_is_carried_is_told_and_nothing_comes_to_its_end(hub: LocalHub) -> None:
    with half_mirror(hub.url) as mirror:
        found = looked(hub, mirror.url, "mirror")
    assert found is not None
    assert (found.control, found.completion, found.said) == (True, True, ())
    assert {row.status for row in hub.seen.rows("verify")} == {404}
    assert {row.status for row in hub.seen.rows("complete")} == {403}


@pytest.mark.parametrize(("lacks", "what"), [("/verify", "verify"), ("complete_multipart", "complete")])
def test_what_is_not_carried_is_named(hub: LocalHub, lacks: str, what: str) -> None:
    with half_mirror(hub.url, lacks=lacks) as mirror:
        mirror.renames = (f"{hub.url}/", f"{mirror.url}/")
        found = looked(hub, mirror.url, "mirror")
    assert found is not None
    assert found.completion is False
    assert [one.partition(":")[0] for one in found.said] == [what]
    assert "404" in found.said[0]
    assert "ignature" not in found.said[0]


def test_an_end_that_cannot_be_reached_is_not_carried(hub: LocalHub) -> None:
    with half_mirror(hub.url, renames=(f"{hub.url}/", "http://127.0.0.1:9/")) as mirror:
        found = looked(hub, mirror.url, "mirror")
    assert found is not None
    assert found.completion is False


def test_uploads_and_xet_show_the_rest() -> None:
    endpoint = Endpoint("here", "https://mirror.test", "mirror")
    puts = [Put("a", 500), Put("a", 262_144, "status", 413), Put("b", 4_194_304, "status", 413)]
    found = rounded_off(Mirror(True, True), endpoint, puts, Xet(True, "https://mirror.test/cas"))
    assert found == Mirror(True, True, xet=True, body_limit=262_144)
    assert rounded_off(Mirror(True, False), endpoint, puts, Xet(True, "https://cas.test")) == Mirror(
        True, False, xet=False
    )
    assert rounded_off(None, endpoint, puts, None) is None


def test_a_hub_whose_answers_name_another_is_a_mirror_whatever_it_is_called(hub: LocalHub) -> None:
    other = hub.url.replace("127.0.0.1", "localhost")
    with half_mirror(hub.url, renames=(f"{hub.url}/", f"{other}/")) as mirror:
        assert looked(hub, mirror.url, "hub") is not None
