"""Objects brought in the background: each ends once, and a dead network ends all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from hfpush.commands.lfs_bring import Bringer
from hfpush.commands.lfs_place import LfsPlace
from hfpush.commands.lfs_source import LfsSource
from hfpush.endpoints import Endpoint
from hfpush.errors import HfpushError
from hfpush.lfs.pointer import Pointer
from hfpush.localhub import LocalHub, corrupt, drop_after, slow, status
from hfpush.net.http import Http
from hfpush.net.retry import RetryPolicy
from hfpush.repo.filter.bringing import Missing
from hfpush.repo.filter.store import Store, store_folders

pytestmark = pytest.mark.needs("git")
CONTENTS = [b"%d" % number * 3000 for number in range(1, 13)]


def missing(data: bytes) -> Missing:
    return Missing(Pointer(hashlib.sha256(data).hexdigest(), len(data)), f"{data[:3].decode()}.bin")


class Room:
    def __init__(self, folder: Path, hub: LocalHub, repo_uid: str, attempts: int = 2) -> None:
        self.hub = hub
        self.repo_uid = repo_uid
        self.store = Store(store_folders(folder / "repo", None))
        self.http = Http(Endpoint("hub", hub.url))
        source = LfsSource(self.http, f"{hub.url}/acme/model.git/info/lfs", "refs/heads/main")
        policy = RetryPolicy(attempts=attempts, first_wait=0.01)
        self.bringer = Bringer(source, LfsPlace(self.store), policy, jobs=4)

    def all(self) -> dict[str, HfpushError | None]:
        found: dict[str, HfpushError | None] = {}
        while ended := self.bringer.arrived():
            assert not set(ended) & set(found)
            found.update(ended)
        return found


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with LocalHub(root=tmp_path / "hub") as hub:
        repo = hub.create("acme/model")
        for data in CONTENTS:
            (tmp_path / "data").write_bytes(data)
            oid = missing(data).pointer.oid
            hub.objects.add_file(tmp_path / "data", oid)
            hub.objects.grant(repo.record.uid, oid)
        made = Room(tmp_path, hub, repo.record.uid)
        yield made
        made.http.close()


def test_batches_are_brought_and_a_lost_object_keeps_nobody_else_from_coming(room: Room) -> None:
    lost = Missing(Pointer("11" * 32, 5), "lost.bin")
    room.bringer.want([*map(missing, CONTENTS[:8]), lost])
    room.bringer.want([*map(missing, CONTENTS[8:])])
    ended = room.all()
    failed = {oid: failure.finding.reference for oid, failure in ended.items() if failure is not None}
    assert failed == {lost.pointer.oid: "object-missing"}
    assert len(ended) == len(CONTENTS) + 1
    assert all(room.store.has(missing(data).pointer) for data in CONTENTS)
    assert room.hub.seen.count("batch") == 2
    assert room.bringer.arrived() == {}


def test_a_cut_download_goes_on_and_wrong_bytes_never_count(room: Room) -> None:
    room.hub.faults.add(drop_after(bytes=1000, on="get", times=1))
    room.bringer.want([missing(CONTENTS[0])])
    assert list(room.all().values()) == [None]
    room.hub.faults.add(corrupt(on="get", times=None))
    room.bringer.want([missing(CONTENTS[1])])
    (failure,) = room.all().values()
    assert failure is not None
    assert failure.finding.reference == "content-mismatch"
    assert room.store.find(missing(CONTENTS[1]).pointer) is None


def test_a_network_that_is_down_is_tried_for_the_first_batch_only(room: Room) -> None:
    room.hub.faults.add(status(503, on="batch", times=None))
    room.bringer.want([missing(CONTENTS[0])])
    room.bringer.want([missing(CONTENTS[1])])
    ended = room.all()
    assert [failure and failure.finding.reference for failure in ended.values()] == ["hub-unavailable"] * 2
    assert room.hub.seen.count("batch") == 2


def test_a_large_object_comes_in_ranges_over_a_line_that_is_slow_per_connection(room: Room, tmp_path: Path) -> None:
    large = bytes(range(256)) * (6 << 12)
    (tmp_path / "data").write_bytes(large)
    room.hub.objects.add_file(tmp_path / "data", missing(large).pointer.oid)
    room.hub.objects.grant(room.repo_uid, missing(large).pointer.oid)
    room.hub.faults.add(slow(rate=2_000_000, on="get", times=None))
    room.bringer.want([Missing(missing(large).pointer, "large.bin")])
    assert list(room.all().values()) == [None]
    assert room.hub.seen.count("get") > 1
