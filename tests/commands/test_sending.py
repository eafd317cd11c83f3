"""The objects of a run, against a real Hub: what it lacks is found and sent once, and confirmed by the Hub itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command_line import make_repo, objects_at

from hfpush.commands.sending import NOT_ASKED, Sending
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import Damaged, NotFound
from hfpush.lfs.pointer import LfsObject
from hfpush.localhub import LocalHub
from hfpush.net.http import Http
from hfpush.repo.hash_cache import HashCache
from hfpush.repo.history import outgoing
from hfpush.repo.repository import Repository
from hfpush.transfer.lfs_api import LfsApi
from hfpush.transfer.observe import Silent

FILES = {"a.bin": os.urandom(60_000), "b.bin": os.urandom(50_000)}


class Watch(Silent):
    def stage(self, text: str) -> None: ...

    def hashed(self, count: int) -> None: ...


class Room:
    """A Hub with an empty repository, a repository here, and the objects of its history."""

    def __init__(self, hub: LocalHub, place: Path) -> None:
        hub.create("local/model")
        address = RepoAddress.parse(Endpoint("hub", hub.url), "local/model")
        self.http = Http(address.endpoint, hub.token)
        self.hub = hub
        self.repository = Repository.open(make_repo(place / "repo", FILES))
        self.objects = outgoing(self.repository, self.repository.head, ()).objects
        lfs = LfsApi(self.http, address, "main")
        self.state = place / "state"
        self.sending = Sending(lfs, HashCache(place / "hashes.json"), self.state, Watch(), jobs=4, attempts=2)

    def store_of(self, one: LfsObject) -> Path:
        oid = one.pointer.oid
        return self.repository.git_dir / "lfs/objects" / oid[:2] / oid[2:4] / oid


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with LocalHub(root=tmp_path / "hub") as hub:
        room = Room(hub, tmp_path)
        with room.http:
            yield room


def test_what_the_hub_lacks_is_sent_and_confirmed_and_no_journal_stays(room: Room) -> None:
    answers = room.sending.ask(room.objects)
    assert all(answers.lacks(one.pointer) and answers.offer(one.pointer) for one in room.objects)
    report = room.sending.send(room.sending.uploads(room.repository, room.objects, answers))
    assert len(report.sent) == 2
    assert objects_at(room.hub) == {one.pointer.oid for one in room.objects}
    assert room.sending.confirm(room.objects) == 2
    room.sending.forget(room.objects)
    assert not list(room.state.rglob("*.jsonl"))


def test_what_the_hub_has_is_not_looked_for_here(room: Room) -> None:
    room.sending.send(room.sending.uploads(room.repository, room.objects, room.sending.ask(room.objects)))
    for one in room.objects:
        room.store_of(one).unlink()
    answers = room.sending.ask(room.objects)
    assert not any(answers.lacks(one.pointer) for one in room.objects)
    assert room.sending.uploads(room.repository, room.objects, answers) == []


def test_an_object_that_is_nowhere_is_named(room: Room) -> None:
    room.store_of(room.objects[0]).unlink()
    with pytest.raises(NotFound) as told:
        room.sending.uploads(room.repository, room.objects, NOT_ASKED)
    assert room.objects[0].paths[0] in "".join(told.value.finding.evidence)


def test_an_object_that_the_hub_does_not_give_back_is_not_confirmed(room: Room) -> None:
    with pytest.raises(Damaged) as told:
        room.sending.confirm(room.objects)
    assert told.value.finding.reference == "object-unconfirmed"
    assert set(told.value.finding.evidence) == {one.pointer.oid for one in room.objects}
