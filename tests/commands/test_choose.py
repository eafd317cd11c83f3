"""Which endpoint a run takes. Whole journeys are in tests/scenarios/test_endpoints.py."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.tcp_door import TcpDoor, closed_port

from hfpush.commands.choose import choose, next_best, no_network
from hfpush.commands.endpoint import NewEndpoint, add_endpoint, trust_endpoint
from hfpush.commands.outlet import Outlet
from hfpush.commands.probes import Asked
from hfpush.endpoints import Endpoint
from hfpush.errors import HfpushError, Refused, Unavailable
from hfpush.findings import Finding
from hfpush.localhub import LocalHub
from hfpush.settings import Settings, load_settings

pytestmark = pytest.mark.usefixtures("nowhere")
PUBLISH = Asked("publish", "local/model")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(root=tmp_path / "hub") as running:
        running.create("local/model")
        yield running


def settings(hub: LocalHub, endpoint: str | None = None, **environment: str) -> Settings:
    return load_settings({"endpoint": endpoint}, {**os.environ, "HF_TOKEN": hub.token, **environment})


def add(hub: LocalHub, name: str, url: str) -> None:
    add_endpoint(settings(hub), NewEndpoint(name, url, "relay"))


def test_an_endpoint_that_was_named_is_asked_once_and_taken(hub: LocalHub) -> None:
    chosen = choose(settings(hub, hub.url), PUBLISH)
    assert (chosen.outlet.endpoint.url, chosen.why, chosen.others) == (hub.url, None, ())
    assert [row.op for row in hub.seen.rows()] == ["info"]


def test_the_best_is_taken_and_kept_with_the_others_behind_it(hub: LocalHub) -> None:
    add(hub, "a", hub.url)
    add(hub, "b", f"http://127.0.0.1:{closed_port()}")
    chosen = choose(settings(hub), PUBLISH)
    assert chosen.outlet.endpoint.name == "a"
    assert [one.endpoint.name for one in chosen.others] == ["hf", "b"]
    assert chosen.why is not None
    assert chosen.why.startswith("api, git, lfs, storage, completion in ")
    hub.seen.clear()
    assert choose(settings(hub), PUBLISH).why == "the best in the last ten minutes"
    assert [row.op for row in hub.seen.rows()] == ["info"]


def test_where_every_one_is_dead_the_hubs_finding_comes_first_and_names_the_others(hub: LocalHub) -> None:
    add(hub, "a", f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(Unavailable) as caught:
        choose(settings(hub), PUBLISH, attempts=1)
    assert caught.value.finding.reference == "proxy-failed"
    assert caught.value.finding.evidence[-1].startswith("a: ")


def test_a_dead_one_that_was_named_tells_which_other_lives(hub: LocalHub) -> None:
    add(hub, "a", hub.url)
    with TcpDoor(hub.url) as door:
        add(hub, "b", door.url)
    with pytest.raises(Unavailable) as caught:
        choose(settings(hub, "b", HFPUSH_ATTEMPTS="1"), PUBLISH)
    assert caught.value.finding.reference == "connection-refused"
    assert caught.value.finding.remedy[0] == "another endpoint answers: try --endpoint a"
    assert {row.user for row in hub.seen.rows()} == {None}, "who is only asked whether it lives gets no token"


def test_an_endpoint_that_cannot_be_used_leaves_the_others(hub: LocalHub, home: Path) -> None:
    add(hub, "a", hub.url)
    add_endpoint(settings(hub), NewEndpoint("b", "http://127.0.0.1:9", "relay", token="hf_its_own"))
    (home / ".config/hfpush/endpoint-secrets.json").unlink()
    chosen = choose(settings(hub), PUBLISH)
    assert chosen.outlet.endpoint.name == "a"
    assert "endpoint-secret-missing" in str(chosen.why)
    with pytest.raises(HfpushError, match="endpoint-secret-missing"):
        choose(settings(hub, "b"), PUBLISH)


def test_with_no_trust_at_all_a_publish_is_refused(hub: LocalHub) -> None:
    trust_endpoint(settings(hub), "hf", trusted=False)
    with pytest.raises(Refused, match="endpoint-untrusted"):
        choose(settings(hub), PUBLISH)


def test_the_next_best_is_one_that_carries_it_or_none(hub: LocalHub) -> None:
    alive = Outlet(Endpoint("alive", hub.url), hub.token)
    dead = Outlet(Endpoint("dead", f"http://127.0.0.1:{closed_port()}"), hub.token)
    found, failures = next_best((dead, alive), PUBLISH)
    assert (found, [one.reference for one in failures]) == (alive, ["connection-refused"])
    refused = Outlet(Endpoint("refused", hub.url), "hf_nobodysToken00000000")
    nobody, failures = next_best((refused,), PUBLISH)
    assert (nobody, len(failures)) == (None, 1)


@pytest.mark.parametrize(
    ("references", "down"),
    [
        (["name-unresolved", "host-unreachable"], True),
        (["name-unresolved", "connection-refused"], False),
        (["connect-timeout"], False),
    ],
)
def test_where_no_name_and_no_way_is_known_it_is_this_machine(references: list[str], down: bool) -> None:
    assert no_network(Finding(reference, "No.") for reference in references) is down
