"""A publish or a fetch through an endpoint. Whole journeys are in tests/scenarios/test_endpoints.py."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command_line import make_repo
from support.tcp_door import TcpDoor, closed_port

from hfpush.cli.progress import Progressing
from hfpush.cli.watch import PublishWatch
from hfpush.commands.endpoint import NewEndpoint, add_endpoint
from hfpush.commands.fetch_report import FetchRequest
from hfpush.commands.publish_report import PublishRequest
from hfpush.commands.through import fetch_through, publish_through
from hfpush.endpoints import RepoAddress
from hfpush.errors import Refused, Unavailable
from hfpush.localhub import Fault, LocalHub, delay, html, redirect_loop, status
from hfpush.receive.events import silent
from hfpush.settings import Settings, load_settings

pytestmark = pytest.mark.usefixtures("nowhere")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(root=tmp_path / "hub") as running:
        yield running


def settings(hub: LocalHub, endpoint: str | None = None, **environment: str) -> Settings:
    return load_settings({"endpoint": endpoint}, {**os.environ, "HF_TOKEN": hub.token, **environment})


def to_fetch(known: Settings, folder: Path, revision: str | None = None) -> FetchRequest:
    repo = RepoAddress.parse(known.usual_endpoint, "local/model")
    return FetchRequest(repo, revision, local_dir=folder, attempts=known.attempts)


@pytest.mark.needs("git")
def test_token_and_network_are_those_of_the_endpoint_that_was_taken(hub: LocalHub, tmp_path: Path) -> None:
    add_endpoint(settings(hub), NewEndpoint("own", hub.url, "relay", token=hub.token))
    known = settings(hub, HF_TOKEN="hf_ofTheHubAndOfNobodyElse00")
    repo = make_repo(tmp_path / "repo", {"a.bin": b"x" * 3000})
    request = PublishRequest(repo, RepoAddress.parse(known.usual_endpoint, "local/model"), tmp_path / "state")
    told: list[str] = []
    watch = PublishWatch(Progressing("sending", quiet=True), quiet=True)
    report = publish_through(known, request, watch, tell=told.append)
    assert report.plan.url == f"{hub.url}/local/model"
    assert (report.findings, len(told)) == ((), 1)
    assert told[0].startswith(f"through own ({hub.url}): api in ")


@pytest.mark.slow
def test_a_server_that_says_no_is_not_left_for_another(hub: LocalHub, tmp_path: Path) -> None:
    hub.create("local/model")
    with TcpDoor(hub.url) as door:
        for name, url in (("a", hub.url), ("b", door.url)):
            add_endpoint(settings(hub), NewEndpoint(name, url, "relay"))
        hub.faults.add(status(403, on="tree", times=None))
        known = settings(hub)
        told: list[str] = []
        with pytest.raises(Refused, match="no-permission"):
            fetch_through(known, to_fetch(known, tmp_path / "x"), observer=silent, tell=told.append)
    assert len(told) == 1


@pytest.mark.slow
def test_when_nobody_is_left_the_failure_is_that_of_the_one_that_was_taken(hub: LocalHub, tmp_path: Path) -> None:
    hub.create("local/model")
    for name, url in (("a", hub.url), ("b", f"http://127.0.0.1:{closed_port()}")):
        add_endpoint(settings(hub), NewEndpoint(name, url, "relay"))
    hub.faults.add(status(503, on="tree", times=None))
    known = settings(hub, HFPUSH_ATTEMPTS="2")
    told: list[str] = []
    with pytest.raises(Unavailable, match="hub-unavailable"):
        fetch_through(known, to_fetch(known, tmp_path / "x"), observer=silent, tell=told.append)
    assert told[1:] == ["no other endpoint can do it; waiting for a (hub-unavailable)"]


def test_when_nobody_is_left_the_one_that_was_taken_is_waited_for(hub: LocalHub, tmp_path: Path) -> None:
    hub.create("local/model")
    for name, url in (("a", hub.url), ("b", f"http://127.0.0.1:{closed_port()}")):
        add_endpoint(settings(hub), NewEndpoint(name, url, "relay"))
    hub.faults.add(status(503, on="tree", times=3))
    known = settings(hub, HFPUSH_ATTEMPTS="2")
    assert not fetch_through(known, to_fetch(known, tmp_path / "x"), observer=silent, tell=lambda line: None).findings


def test_of_several_that_were_named_each_is_a_source(hub: LocalHub, tmp_path: Path) -> None:
    hub.create("local/model")
    with TcpDoor(hub.url) as door:
        known = load_settings({"endpoint": (door.url, hub.url)}, {**os.environ, "HF_TOKEN": hub.token})
        told: list[str] = []
        report = fetch_through(known, to_fetch(known, tmp_path / "x"), observer=silent, tell=told.append)
    assert (report.url, told, report.findings) == (f"{door.url}/local/model", [], ())
    assert next(share.source for share in report.shares) in (door.url[7:], hub.url[7:])


@pytest.mark.parametrize(
    ("fault", "how"),
    [
        (html(on="tree", times=None), "is gone (not-a-hub)"),
        (redirect_loop(on="tree", times=None), "does not carry this (redirect-refused)"),
    ],
    ids=["a page", "circles"],
)
def test_what_one_endpoint_does_not_carry_another_may(hub: LocalHub, tmp_path: Path, fault: Fault, how: str) -> None:
    with LocalHub(delay(0.4, on="info", times=None), root=tmp_path / "other", users=hub.config.users) as other:
        for name, one in (("a", hub), ("b", other)):
            one.create("local/model")
            add_endpoint(settings(hub), NewEndpoint(name, one.url, "relay"))
        hub.faults.add(fault)
        known = settings(hub, HFPUSH_ATTEMPTS="2")
        told: list[str] = []
        report = fetch_through(known, to_fetch(known, tmp_path / "x"), observer=silent, tell=told.append)
    assert told[1:] == [f"a {how}; on through b"]
    assert [one.reference for one in report.findings] == ["endpoint-switched"]


def test_what_is_all_here_at_a_commit_asks_nobody(hub: LocalHub, tmp_path: Path) -> None:
    hub.create("local/model")
    known, here = settings(hub, hub.url), tmp_path / "here"
    first = fetch_through(known, to_fetch(known, here), observer=silent, tell=lambda line: None)
    hub.seen.clear()
    again = fetch_through(known, to_fetch(known, here, first.commit), observer=silent, tell=lambda line: None)
    assert [file.how for file in again.files] == ["kept"]
    assert hub.seen.count() == 0
