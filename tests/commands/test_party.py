"""Who takes part in a fetch, and who is believed. Whole fetches are in tests/scenarios/test_fetch_sources.py."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.tcp_door import closed_port

from hfpush.commands.endpoint import NewEndpoint, add_endpoint, trust_endpoint
from hfpush.commands.party import Party, gather_party
from hfpush.commands.probes import Asked
from hfpush.errors import HfpushError, Unavailable
from hfpush.localhub import LocalHub, delay
from hfpush.settings import Settings, load_settings

pytestmark = pytest.mark.usefixtures("nowhere")
FETCH = Asked("fetch", "local/model")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(root=tmp_path / "hub") as running:
        running.create("local/model")
        yield running


def settings(hub: LocalHub, *endpoints: str) -> Settings:
    known = {**os.environ, "HF_TOKEN": hub.token, "HFPUSH_ATTEMPTS": "1"}
    return load_settings({"endpoint": endpoints or None}, known)


def add(hub: LocalHub, name: str, url: str, *, trusted: bool = True) -> None:
    add_endpoint(settings(hub), NewEndpoint(name, url, "relay"))
    if not trusted:
        trust_endpoint(settings(hub), name, trusted=False)


def names(party: Party) -> tuple[str, str, str]:
    def of(outlets: tuple[object, ...]) -> str:
        return " ".join(outlet.endpoint.name for outlet in outlets)  # type: ignore[attr-defined]

    return of((party.believed,)), of(party.first), of(party.reserves)


def test_one_that_was_named_is_alone_and_its_answer_is_kept(hub: LocalHub) -> None:
    party = gather_party(settings(hub, hub.url), FETCH)
    assert (len(party.first), party.reserves, party.believed) == (1, (), party.first[0])
    assert party.resolved is not None
    assert [row.op for row in hub.seen.rows()] == ["info"]


def test_of_several_the_first_trusted_one_is_believed_and_nobody_else_is_asked(hub: LocalHub, tmp_path: Path) -> None:
    with LocalHub(root=tmp_path / "other", users=hub.config.users) as other:
        add(hub, "mirror", hub.url, trusted=False)
        add(hub, "own", other.url)
        add(hub, "later", f"http://127.0.0.1:{closed_port()}")
        party = gather_party(settings(hub, "mirror", "own", "later"), FETCH)
    assert names(party) == ("own", "mirror own later", "")
    assert hub.seen.count() == 0
    assert [note.reference for note in party.notes] == ["token-withheld"]


def test_the_dead_stand_by_and_are_told(hub: LocalHub) -> None:
    add(hub, "dead", f"http://127.0.0.1:{closed_port()}")
    add(hub, "own", hub.url)
    party = gather_party(settings(hub, "dead", "own"), FETCH)
    assert names(party) == ("own", "own", "dead")
    assert [(note.reference, note.severity) for note in party.notes] == [("endpoint-dropped", "note")]
    assert party.notes[0].evidence[0].startswith("connection-refused: ")


def test_who_is_not_trusted_is_believed_when_nobody_else_lives(hub: LocalHub) -> None:
    add(hub, "dead", f"http://127.0.0.1:{closed_port()}")
    add(hub, "mirror", hub.url, trusted=False)
    assert names(gather_party(settings(hub, "dead", "mirror"), FETCH)) == ("mirror", "mirror", "dead")


def test_one_that_hesitates_loses_to_one_that_answers(hub: LocalHub, tmp_path: Path) -> None:
    with LocalHub(delay(4, on="info"), root=tmp_path / "other", users=hub.config.users) as other:
        add(hub, "late", other.url)
        add(hub, "own", hub.url)
        assert names(gather_party(settings(hub, "late", "own"), FETCH))[0] == "own"


def test_where_every_one_is_dead_the_first_ones_finding_names_the_others(hub: LocalHub) -> None:
    for name in ("a", "b"):
        add(hub, name, f"http://127.0.0.1:{closed_port()}", trusted=name == "a")
    with pytest.raises(Unavailable, match="connection-refused") as caught:
        gather_party(settings(hub, "a", "b"), FETCH)
    assert caught.value.finding.evidence[-1].startswith("b: ")


def test_one_that_cannot_be_used_leaves_the_others(hub: LocalHub, home: Path) -> None:
    add_endpoint(settings(hub), NewEndpoint("lost", "http://127.0.0.1:9", "relay", token="hf_its_own"))
    add(hub, "own", hub.url)
    (home / ".config/hfpush/endpoint-secrets.json").unlink()
    party = gather_party(settings(hub, "lost", "own"), FETCH)
    assert names(party) == ("own", "own", "")
    assert [(note.reference, note.severity) for note in party.notes] == [("endpoint-dropped", "warning")]
    with pytest.raises(HfpushError, match="endpoint-secret-missing"):
        gather_party(settings(hub, "lost"), FETCH)


def test_the_best_of_all_brings_and_the_others_stand_by(hub: LocalHub) -> None:
    add(hub, "own", hub.url)
    add(hub, "dead", f"http://127.0.0.1:{closed_port()}")
    party = gather_party(settings(hub), FETCH)
    assert names(party) == ("own", "own", "hf dead")
    assert party.why is not None
