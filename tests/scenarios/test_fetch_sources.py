"""A fetch from several endpoints: together faster, and without any one of them still whole, right and discreet."""

from __future__ import annotations

import os
import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from support.tcp_door import TcpDoor

from hfpush import localhub
from hfpush.commands.endpoint import NewEndpoint, add_endpoint, trust_endpoint
from hfpush.commands.fetch_report import FetchReport, FetchRequest
from hfpush.commands.through import fetch_through
from hfpush.endpoints import RepoAddress
from hfpush.errors import HfpushError, NotFound, Refused, Unavailable
from hfpush.localhub import LocalHub
from hfpush.localhub.gitcmd import git_text
from hfpush.localhub.gitcommit import Change, commit
from hfpush.receive.events import Bytes, Event, silent
from hfpush.settings import load_settings

pytestmark = pytest.mark.usefixtures("nowhere")
REPO = "ada/model"
BIG = random.Random(7).randbytes(8_000_000)
FILES = {"model.safetensors": BIG, "config.json": b'{"layers": 2}\n', "code/run.py": b"print(1)\n" * 900}


def fill(hub: LocalHub, *, private: bool = False) -> str:
    """The repository, of which every Hub in this file has a copy; its commit."""
    hub.create(REPO, private=private)
    return add(hub, FILES)


def add(hub: LocalHub, files: dict[str, bytes]) -> str:
    repo = next(iter(hub.repos.list("models")))
    changes = []
    for path, content in files.items():
        if len(content) > 100_000:
            oid = hub.objects.add_bytes(content)
            hub.objects.grant(repo.record.uid, oid)
            content = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n".encode()
        changes.append(Change(path, content))
    parent = git_text(repo.path, "rev-parse", "refs/heads/main")
    return commit(repo.path, changes, message="more", author="ada", when=1.0, parent=parent)


class World:
    """Two Hubs with the same repository, `a` and `b`, each behind a door; the real Hub cannot be reached."""

    def __init__(self, stack: ExitStack, folder: Path, *, private: bool = False) -> None:
        self._stack, self._folder = stack, folder
        self.a = stack.enter_context(LocalHub(root=folder / "a"))
        self.commit = fill(self.a, private=private)
        shutil.copytree(folder / "a", folder / "b")
        self.b = stack.enter_context(LocalHub(root=folder / "b", users=self.a.config.users))
        self.doors = {name: stack.enter_context(TcpDoor(hub.url)) for name, hub in (("a", self.a), ("b", self.b))}
        for name in self.doors:
            add_endpoint(self.settings(), NewEndpoint(name, self.doors[name].url, "relay"))
        for hub in (self.a, self.b):
            hub.seen.clear()
        self.told: list[str] = []

    def settings(self, *endpoints: str, **environment: str):  # type: ignore[no-untyped-def]
        known = {**os.environ, "HF_TOKEN": self.a.token, "HF_ENDPOINT": "", **environment}
        return load_settings({"endpoint": endpoints or None}, known)

    def distrust(self, name: str) -> None:
        trust_endpoint(self.settings(), name, trusted=False)

    def fetch(
        self, *endpoints: str, observer: Callable[[Event], None] = silent, environment: dict[str, str] | None = None,
        **more: object,
    ) -> FetchReport:  # fmt: skip
        known = self.settings(*endpoints, **(environment or {}))
        repo = RepoAddress.parse(known.usual_endpoint, REPO)
        request = FetchRequest(repo, cache_dir=self._folder / "cache", jobs=8, attempts=known.attempts)
        return fetch_through(known, replace(request, **more), observer=observer, tell=self.told.append)  # type: ignore[arg-type]

    def slow(self, *hubs: LocalHub, rate: float = 1_500_000) -> None:
        for hub in hubs:
            hub.faults.add(localhub.slow(rate=rate, on="get"))

    def wire(self, hub: LocalHub) -> int:
        return hub.seen.bytes_out("get") + hub.seen.bytes_out("resolve")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(stack, tmp_path)


def is_whole(report: FetchReport) -> bool:
    return all((report.folder / path).read_bytes() == content for path, content in FILES.items())


def dropped(report: FetchReport) -> dict[str, str]:
    return {share.source: share.dropped.reference for share in report.shares if share.dropped is not None}


def shares(report: FetchReport) -> dict[str, int]:
    return {share.source: share.bytes for share in report.shares}


def ops(hub: LocalHub) -> set[str]:
    return {row.op for row in hub.seen.rows()}


class ShutAt:
    """Shuts a door once so many bytes have come."""

    def __init__(self, door: TcpDoor, bytes: int) -> None:
        self._door, self._left = door, bytes

    def __call__(self, event: Event) -> None:
        if isinstance(event, Bytes):
            self._left -= event.count
            if self._left <= 0 and not self._door.is_shut:
                threading.Thread(target=self._door.shut).start()


def test_both_bring_parts_of_one_file(world: World) -> None:
    world.slow(world.a, world.b)
    report = world.fetch("a", "b")
    assert is_whole(report)
    assert min(shares(report).values()) > 500_000
    assert report.bytes_wire <= 1.02 * len(BIG) + 20_000
    assert ops(world.b) <= {"resolve", "get"}, "only one was asked what there is"


def test_when_one_dies_in_the_middle_the_other_goes_on_and_no_byte_comes_twice(world: World) -> None:
    world.slow(world.a, world.b)
    report = world.fetch("a", "b", observer=ShutAt(world.doors["a"], len(BIG) // 2))
    assert is_whole(report)
    assert world.doors["a"].is_shut
    assert set(dropped(report)) == {"a"}, "also when the other was done before a was asked often enough"
    assert report.bytes_wire <= 1.02 * sum(map(len, FILES.values())) + 2000


def test_the_quicker_one_brings_more(world: World) -> None:
    world.slow(world.a, rate=200_000)
    world.slow(world.b, rate=2_000_000)
    report = world.fetch("a", "b")
    assert is_whole(report)
    assert shares(report)["b"] > 3 * shares(report)["a"]


@pytest.mark.parametrize("liar", ["a", "b"])
def test_who_lies_is_left_out_and_nothing_of_it_is_kept(world: World, liar: str) -> None:
    hub = world.a if liar == "a" else world.b
    hub.faults.add(localhub.corrupt(on="resolve", times=None), localhub.corrupt(on="get", times=None))
    world.slow(world.a, world.b)
    report = world.fetch("a", "b")
    assert is_whole(report)
    assert list(dropped(report)) == [liar]
    blobs = [path.read_bytes() for path in (report.folder.parent.parent / "blobs").iterdir()]
    assert set(FILES.values()) <= set(blobs)
    assert len(blobs) == len(FILES) + 1


def test_a_page_in_place_of_files_is_left_out(world: World) -> None:
    world.b.faults.add(localhub.html(on="resolve", times=None))
    report = world.fetch("a", "b")
    assert is_whole(report)
    assert set(dropped(report)) <= {"b"}
    assert report.bytes_wire <= 1.02 * sum(map(len, FILES.values())) + 2000


def test_who_is_not_trusted_gets_no_token_and_is_asked_for_bytes_alone(world: World) -> None:
    world.distrust("b")
    world.slow(world.a, world.b)
    report = world.fetch("b", "a")
    assert is_whole(report)
    assert shares(report)["b"] > 500_000
    assert {row.user for row in world.b.seen.rows()} == {None}
    assert ops(world.b) <= {"resolve", "get"}
    assert ops(world.a) >= {"info", "tree"}
    assert [note.reference for note in report.findings] == ["token-withheld"]


def test_of_a_private_repository_who_is_not_trusted_has_nothing(tmp_path: Path) -> None:
    with ExitStack() as stack:
        world = World(stack, tmp_path, private=True)
        world.distrust("b")
        report = world.fetch("b", "a")
    assert is_whole(report)
    assert dropped(report) == {"b": "token-missing"}


def test_without_a_trusted_one_the_digests_are_said_to_be_so(world: World) -> None:
    for name in ("a", "b"):
        world.distrust(name)
    one = world.fetch("b")
    assert {note.reference: note.severity for note in one.findings} == {
        "digests-untrusted": "note",
        "token-withheld": "note",
    }
    assert not (one.folder.parent.parent / "trees").exists()
    both = world.fetch("a", "b")
    assert ("digests-untrusted", "warning") in [(note.reference, note.severity) for note in both.findings]
    assert is_whole(both)


@pytest.mark.slow
def test_a_trusted_one_that_is_dead_is_replaced_and_that_is_told(world: World) -> None:
    world.distrust("b")
    world.doors["a"].shut()
    began = time.monotonic()
    report = world.fetch("a", "b")
    assert time.monotonic() - began < 10
    assert is_whole(report)
    found = {note.reference: note.severity for note in report.findings}
    assert found["digests-untrusted"] == "warning"
    assert found["endpoint-dropped"] == "note"


@pytest.mark.slow
def test_a_list_on_the_disk_serves_for_one_that_nobody_trusted_could_say(world: World) -> None:
    report = world.fetch("a", "b")
    (report.folder / "model.safetensors").resolve().unlink()
    world.distrust("b")
    world.doors["a"].shut()
    again = world.fetch("a", "b", revision=world.commit)
    assert is_whole(again)
    assert "digests-untrusted" not in [note.reference for note in again.findings]


def test_one_that_lags_behind_is_left_out_and_what_it_has_at_main_never_comes(world: World) -> None:
    newer = add(world.a, {"config.json": b'{"layers": 3}\n'})
    report = world.fetch("a", "b")
    assert (report.commit, dropped(report)) == (newer, {"b": "revision-not-found"})
    assert (report.folder / "config.json").read_bytes() == b'{"layers": 3}\n'


@pytest.mark.slow
def test_with_everything_dead_one_finding_tells_and_the_next_run_goes_on(world: World) -> None:
    world.slow(world.a, world.b)
    shut = [ShutAt(world.doors[name], len(BIG) // 2) for name in ("a", "b")]

    def both(event: Event) -> None:
        for one in shut:
            one(event)

    with pytest.raises(Unavailable):
        world.fetch("a", "b", observer=both, environment={"HFPUSH_ATTEMPTS": "2"})
    began = time.monotonic()
    with pytest.raises(Unavailable) as caught:
        world.fetch("a", "b")
    assert time.monotonic() - began < 12
    assert caught.value.finding.reference == "connection-refused"
    assert any(line.startswith("b: ") for line in caught.value.finding.evidence)
    before = world.wire(world.a) + world.wire(world.b)
    report = world.fetch(world.a.url, world.b.url)
    assert is_whole(report)
    assert before + report.bytes_wire <= 1.1 * sum(map(len, FILES.values()))
    assert report.bytes_wire < 0.7 * len(BIG)


def test_with_auto_the_others_are_not_troubled_as_long_as_the_best_one_lives(world: World) -> None:
    report = world.fetch()
    assert is_whole(report)
    assert len([hub for hub in (world.a, world.b) if world.wire(hub) > 1000]) == 1
    assert world.told[0].startswith("through ")


@pytest.mark.slow
def test_with_auto_another_steps_in_when_the_best_one_dies(world: World) -> None:
    world.slow(world.a, world.b)

    busy: list[str] = []

    def shut_the_busy_one(event: Event) -> None:
        if isinstance(event, Bytes) and event.position > len(BIG) // 2 and not busy:
            busy.append(event.source)
            threading.Thread(target=world.doors[event.source].shut).start()

    report = world.fetch(observer=shut_the_busy_one)
    assert is_whole(report)
    assert list(dropped(report)) == busy, "the Hub itself is known to be dead"
    assert report.bytes_wire <= 1.02 * sum(map(len, FILES.values())) + 2000


def test_a_name_that_the_trusted_one_has_not_is_asked_of_nobody_else(world: World) -> None:
    world.distrust("b")
    add(world.b, {"secret.txt": b"from b"})
    with pytest.raises(NotFound, match="file-not-found"):
        world.fetch("a", "b", files=("secret.txt",))
    assert world.b.seen.count() == 0


def test_what_one_trusted_hub_does_not_have_another_may(world: World, tmp_path: Path) -> None:
    with LocalHub(root=tmp_path / "c", users=world.a.config.users) as empty:
        add_endpoint(world.settings(), NewEndpoint("c", empty.url, "hub"))
        trust_endpoint(world.settings(), "c", trusted=True)
        report = world.fetch("c", "a")
        assert is_whole(report)
        with pytest.raises((NotFound, Refused)) as caught:
            world.fetch("c")
    assert isinstance(caught.value, HfpushError)


def test_one_file_by_name_is_three_requests_at_most(world: World) -> None:
    world.fetch("a", files=("config.json",))
    assert [(row.method, row.op) for row in world.a.seen.rows()] == [("HEAD", "resolve"), ("GET", "resolve")]


def test_a_dry_run_asks_for_no_byte_and_leaves_no_trace(world: World, tmp_path: Path) -> None:
    report = world.fetch("a", "b", dry_run=True)
    assert {file.action for file in report.plan} == {"fetch"}
    assert report.to_come == report.room
    assert report.to_come > len(BIG)
    assert not (tmp_path / "cache").exists()
    assert world.wire(world.a) + world.wire(world.b) == 0


@pytest.mark.slow
def test_a_limit_is_not_spent_on_bytes_that_come_twice(world: World) -> None:
    report = world.fetch("a", "b", limit=1_000_000)
    assert report.bytes_wire <= 1.02 * sum(map(len, FILES.values())) + 2000
