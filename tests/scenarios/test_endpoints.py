"""Endpoints from end to end: the best is taken, a dead one is told, and another takes over."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.command_line import CommandLine, Said, git, make_repo
from support.tcp_door import TcpDoor, closed_port

from hfpush.commands.endpoint import NewEndpoint, add_endpoint, trust_endpoint
from hfpush.localhub import LocalHub, slow, status
from hfpush.settings import load_settings

PARTS = {"part_size": 100_000, "multipart_threshold": 200_000}


class Endpoints:
    """A Hub with two doors, `a` and `b`, on the list of a user; the real Hub is behind a proxy that is not there."""

    def __init__(self, folder: Path, hub: LocalHub) -> None:
        self.hub = hub
        self.a, self.b = TcpDoor(hub.url), TcpDoor(hub.url)
        self._line = CommandLine(folder, hub)
        self._nowhere = f"http://127.0.0.1:{closed_port()}"

    def add(self, *, b_trusted: bool = True) -> None:
        known = load_settings({}, dict(os.environ))
        add_endpoint(known, NewEndpoint("a", self.a.url, "relay"))
        add_endpoint(known, NewEndpoint("b", self.b.url, "relay"))
        if not b_trusted:
            trust_endpoint(load_settings({}, dict(os.environ)), "b", trusted=False)

    def run(self, *words: str, **environment: str) -> Said:
        proxy = {"HTTPS_PROXY": self._nowhere, "HF_ENDPOINT": ""}
        return self._line.run(*words, **{**proxy, **environment})

    def publish(self, path: Path, *options: str, **environment: str) -> Said:
        return self.run("publish", str(path), "--to", "local/model", *options, **environment)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(root=tmp_path / "hub", **PARTS) as running:
        yield running


@pytest.fixture
def endpoints(tmp_path: Path, hub: LocalHub) -> Iterator[Endpoints]:
    made = Endpoints(tmp_path, hub)
    with made.a, made.b:
        yield made


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "repo", {f"{name}.bin": os.urandom(400_000) for name in "abcdef"})


@pytest.mark.slow
def test_publish_goes_on_through_another_endpoint_when_one_dies_half_way(endpoints: Endpoints, repo: Path) -> None:
    endpoints.add()
    hub, total = endpoints.hub, 6 * 400_000
    hub.faults.add(slow(rate=400_000))
    taken: list[TcpDoor] = []
    died: list[float] = []
    stored: set[str] = set()

    def die() -> None:
        while hub.seen.bytes_in("put") < total / 2:
            time.sleep(0.01)
        first = max((endpoints.a, endpoints.b), key=lambda door: door.connections)
        taken.append(first)
        first.shut()
        died.append(time.time())
        stored.update(row.oid for row in hub.seen.rows("complete") if row.status == 200 and row.oid)

    killer = threading.Thread(target=die, daemon=True)
    killer.start()
    said = endpoints.publish(repo, "--json", "--jobs", "2")
    killer.join(1)
    assert said.code == 0, said
    assert taken
    assert taken[0].is_shut
    assert [note["reference"] for note in said.document["findings"]] == ["endpoint-switched"]
    assert said.document["verified"] == 6
    assert stored, "something was complete when it died"
    later = [row.oid for row in hub.seen.rows("put") if row.started > died[0] + 3]
    assert not stored & set(later), "an object that was there was sent again"


@pytest.mark.slow
def test_a_dead_endpoint_that_was_named_is_told_in_less_than_ten_seconds(endpoints: Endpoints, repo: Path) -> None:
    endpoints.add()
    endpoints.a.shut()
    began = time.monotonic()
    said = endpoints.publish(repo, "--json", "--endpoint", "a")
    assert time.monotonic() - began < 10
    assert said.reference == "connection-refused"
    assert any("--endpoint b" in remedy for remedy in said.document["error"]["remedy"])


@pytest.mark.slow
def test_an_endpoint_that_takes_connections_and_says_nothing_is_told_in_less_than_ten_seconds(
    endpoints: Endpoints, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        said = endpoints.run("fetch", "local/model", "--endpoint", url, "--json", "--local-dir", str(tmp_path / "x"))
        assert time.monotonic() - began < 10
    assert said.reference in ("endpoint-silent", "stalled")


def test_with_one_of_two_dead_the_other_is_taken_and_the_choice_is_told(endpoints: Endpoints, repo: Path) -> None:
    endpoints.add()
    endpoints.a.shut()
    began = time.monotonic()
    said = endpoints.publish(repo)
    assert said.code == 0, said
    assert time.monotonic() - began < 20
    through = [line for line in said.err.splitlines() if line.startswith("through ")]
    assert len(through) == 1
    assert through[0].startswith(f"through b ({endpoints.b.url}): ")
    assert "a: connection-refused (api)" in through[0]


@pytest.mark.slow
def test_a_choice_is_kept_and_the_next_run_measures_nothing(endpoints: Endpoints, repo: Path) -> None:
    endpoints.add()
    assert endpoints.publish(repo).code == 0
    endpoints.hub.seen.clear()
    said = endpoints.publish(repo)
    assert "the best in the last ten minutes" in said.err
    asked = [row.method for row in endpoints.hub.seen.rows("info")]
    assert len(asked) == 2, "one for the first contact, one of the publish itself"


def test_an_endpoint_without_trust_gets_no_token_and_no_publish(endpoints: Endpoints, repo: Path) -> None:
    endpoints.add(b_trusted=False)
    said = endpoints.publish(repo, "--json", "--endpoint", "b")
    assert said.reference == "endpoint-untrusted"
    assert said.document["error"]["remedy"][0].endswith("hfpush endpoint trust b")
    assert endpoints.b.connections == 0
    assert endpoints.publish(repo, "--endpoint", "a").code == 0
    endpoints.hub.seen.clear()
    fetched = endpoints.run("fetch", "local/model", "--endpoint", "b", "--json")
    assert fetched.code == 0, fetched
    assert [note["reference"] for note in fetched.document["findings"]] == ["digests-untrusted", "token-withheld"]
    assert {note["severity"] for note in fetched.document["findings"]} == {"note"}
    assert {row.user for row in endpoints.hub.seen.rows()} == {None}
    assert endpoints.run("endpoint", "trust", "b").code == 0
    assert endpoints.publish(repo, "--endpoint", "b").code == 0


@pytest.mark.slow
def test_fetch_goes_on_through_another_endpoint_when_one_dies_half_way(
    endpoints: Endpoints, repo: Path, tmp_path: Path
) -> None:
    endpoints.add()
    hub, total = endpoints.hub, 6 * 400_000
    assert endpoints.publish(repo, "--endpoint", "b").code == 0
    hub.seen.clear()
    hub.faults.add(slow(rate=300_000, on="get"))

    def die() -> None:
        while hub.seen.count("get") < 3:
            time.sleep(0.01)
        max((endpoints.a, endpoints.b), key=lambda door: door.connections).shut()

    killer = threading.Thread(target=die, daemon=True)
    before = endpoints.b.connections
    endpoints.a.connections = before
    killer.start()
    here = tmp_path / "here"
    said = endpoints.run("fetch", "local/model", "--local-dir", str(here), "--json", "--jobs", "2")
    assert said.code == 0, said
    assert len([share for share in said.document["shares"] if share["dropped"] is not None]) == 1
    assert "is left out: " in said.err or not said.err
    for name in "abcdef":
        assert (here / f"{name}.bin").read_bytes() == (
            (repo / ".git/lfs/objects").rglob(git(repo, "cat-file", "-p", f"HEAD:{name}.bin").split("sha256:")[1][:64])
        ).__next__().read_bytes()
    assert said.document["bytes_wire"] <= total + 400_000


def test_a_dead_endpoint_is_no_matter_where_all_is_here(endpoints: Endpoints, repo: Path) -> None:
    endpoints.add()
    assert endpoints.publish(repo, "--endpoint", "a").code == 0
    assert endpoints.run("fetch", "local/model", "--endpoint", "a").code == 0
    endpoints.a.shut()
    said = endpoints.run("fetch", "local/model", "--endpoint", "a", "--json", HFPUSH_ATTEMPTS="1")
    assert said.code == 0, said
    assert said.document["findings"][0]["reference"] == "hub-not-asked"


@pytest.mark.parametrize("operation", ["publish", pytest.param("fetch", marks=pytest.mark.slow)])
def test_endpoint_test_names_each_step_and_the_failing_one(endpoints: Endpoints, repo: Path, operation: str) -> None:
    endpoints.add()
    assert endpoints.publish(repo, "--endpoint", "a").code == 0
    words = ("endpoint", "test", "a", "b", "--repo", "local/model", "--for", operation, "--json")
    well = endpoints.run(*words)
    assert well.code == 0, well
    steps: list[dict[str, Any]] = well.document["endpoints"][0]["steps"]
    names = {"publish": ["api", "git", "lfs", "storage", "completion"], "fetch": ["api", "storage"]}[operation]
    assert [(step["step"], step["result"]) for step in steps] == [(name, "ok") for name in names]
    endpoints.hub.faults.add(status(503, on="batch" if operation == "publish" else "info", times=None))
    endpoints.b.shut()
    ill = endpoints.run(*words, HFPUSH_ATTEMPTS="2")
    assert ill.code == 1
    assert [one["dead"] for one in ill.document["endpoints"]] == [False, True]
    failed = [
        step["finding"]["reference"] for one in ill.document["endpoints"] for step in one["steps"] if step["finding"]
    ]
    assert failed == ["hub-unavailable", "connection-refused"]
