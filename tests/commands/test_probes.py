"""One request for each step, against a Hub."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hfpush.commands.probes import Asked, NothingToAsk, Probes
from hfpush.endpoints import Endpoint
from hfpush.endpoints.choice import STEPS
from hfpush.errors import HfpushError
from hfpush.localhub import LocalHub, redirect_loop, status
from hfpush.net.http import Http


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(root=tmp_path / "hub") as running:
        yield running


def went(hub: LocalHub, asked: Asked, token: str | None = None) -> dict[str, str]:
    """What became of each step, up to the first failure."""
    found = {}
    with Http(Endpoint("local", hub.url), token) as http:
        probes = Probes(http, asked, with_token=token is not None)
        for name in STEPS[asked.operation]:
            try:
                getattr(probes, name)()
            except NothingToAsk as why:  # noqa: PERF203  # one step after the other
                found[name] = str(why)
            except HfpushError as error:
                return {**found, name: error.finding.reference}
            else:
                found[name] = "ok"
    return found


def test_every_step_of_a_publish_is_tried_and_nothing_is_changed(hub: LocalHub) -> None:
    hub.create("local/model")
    found = went(hub, Asked("publish", "local/model"), hub.token)
    assert found == dict.fromkeys(("api", "git", "lfs", "storage", "completion"), "ok")
    assert hub.seen.bytes_in("put") == 0
    assert hub.seen.count("create") == 0


def test_every_step_of_a_fetch_is_tried_with_one_byte(hub: LocalHub) -> None:
    hub.create("local/model")
    assert went(hub, Asked("fetch", "local/model"), hub.token) == {"api": "ok", "storage": "ok"}


def test_of_a_repository_that_will_be_made_only_the_api_is_asked(hub: LocalHub) -> None:
    found = went(hub, Asked("publish", "local/new"), hub.token)
    assert found.pop("api") == "ok"
    assert set(found.values()) == {"there is no such repository yet"}


def test_without_a_repository_the_api_is_asked_who_we_are(hub: LocalHub) -> None:
    for token in (None, hub.token):
        found = went(hub, Asked("fetch"), token)
        assert found == {"api": "ok", "storage": "no repository was named"}
    assert went(hub, Asked("fetch"), "hf_nobodysToken00000000") == {"api": "token-refused"}


@pytest.mark.parametrize(
    ("asked", "fault", "step", "reference"),
    [
        (Asked("fetch", "local/none"), None, "api", "repo-not-found"),
        (Asked("publish", "local/model"), status(503, on="info", times=None), "api", "hub-unavailable"),
        (Asked("publish", "local/model"), status(403, on="git-refs", times=None), "git", "no-permission"),
        (Asked("publish", "local/model"), redirect_loop(on="batch"), "lfs", "redirect-refused"),
        (Asked("publish", "local/model"), status(403, on="batch", times=None), "lfs", "no-permission"),
    ],
)
def test_a_step_that_fails_says_why(hub: LocalHub, asked: Asked, fault: object, step: str, reference: str) -> None:
    hub.create("local/model")
    if fault is not None:
        hub.faults.add(fault)  # type: ignore[arg-type]
    assert went(hub, asked, hub.token)[step] == reference
