"""Which question is asked when, and that all of it has one end."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from support.tls_doors import TlsDoor, is_silent, resets

from hfpush.diagnose.clients.around import Surroundings
from hfpush.diagnose.doctor import Patient, examine
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.machine import Machine
from hfpush.endpoints import Endpoint
from hfpush.localhub import LocalHub
from hfpush.net.network import Network
from hfpush.net.routes import Routes

REPO = "local/model"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHub]:
    with LocalHub(root=tmp_path_factory.mktemp("hub")) as hub:
        hub.create(REPO)
        yield hub


def patient(url: str, token: str | None = None, **question: object) -> Patient:
    endpoint = Endpoint("here", url)
    routes = Routes.of({}, endpoint=endpoint)
    asked = Question(endpoint=url, repo_id=REPO, real=False, **question)  # type: ignore[arg-type]
    around = Surroundings(environment=dict(os.environ), endpoint=endpoint, routes=routes)
    return Patient(asked, endpoint, Network(routes=routes), Machine(), around, token)


def test_the_hub_its_storage_and_uploads_are_asked(hub: LocalHub) -> None:
    told: list[str] = []
    facts = examine(patient(hub.url, hub.token), tell=told.append)
    assert {way.target for way in facts.ways} == {"hub", "storage"}
    assert len({one.line for one in facts.dials}) == 2
    assert facts.account.name
    assert [put.size for put in facts.lfs.puts][:3] == [500, 1300, 8192]
    assert told


def test_what_no_line_leads_to_is_skipped_and_not_failed() -> None:
    facts = examine(patient("http://127.0.0.1:9"))
    assert [one.outcome for one in facts.dials] == ["refused"]
    assert [(step.layer, step.status) for step in facts.steps] == [("http", "skip")]
    assert facts.exchanges == ()


def test_where_tls_fails_nothing_is_asked_over_it() -> None:
    with TlsDoor(resets) as door:
        facts = examine(patient(f"https://127.0.0.1:{door.port}"))
    assert facts.handshakes[0].outcome == "reset"
    assert facts.exchanges == ()
    assert facts.judged == ()


def test_there_is_one_end_for_all() -> None:
    with TlsDoor(is_silent) as door:
        began = time.monotonic()
        facts = examine(patient(f"https://127.0.0.1:{door.port}"), seconds=0.7)
        assert time.monotonic() - began < 5
    assert isinstance(facts, Facts)
    assert any(step.status == "skip" for step in facts.steps)


def test_a_larger_body_goes_without_a_yes_only_where_hub_and_storage_are_near(hub: LocalHub) -> None:
    near = examine(patient(hub.url, hub.token)).lfs.puts
    assert max(put.size for put in near) > 1 << 20
    quick = examine(patient(hub.url, hub.token, quick=True)).lfs.puts
    assert quick == ()
