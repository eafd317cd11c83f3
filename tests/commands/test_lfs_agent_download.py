"""Objects received for git-lfs: whole, checked, resumed, and handed over as files that it can move."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.agent_talk import Room, init, oid_of
from support.agent_work import some_bytes

from hfpush.commands.lfs_agent_download import HandedOver
from hfpush.disk.content import Content
from hfpush.hub.presence import Presence
from hfpush.localhub import Fault, LocalHub, corrupt, drop_after, expired_lease, slow, status
from hfpush.repo.filter.store import Store, store_folders

pytestmark = pytest.mark.needs("git")
CONTENT = some_bytes(300_000, 1)
LARGE = some_bytes(6 << 20, 2)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with LocalHub(root=tmp_path / "hub", multipart_downloads=True) as hub:
        repo = hub.create("acme/model")
        room = Room(tmp_path, hub, CONTENT)
        room.stored(oid_of(CONTENT)).unlink()
        for content in (CONTENT, LARGE):
            (tmp_path / "data").write_bytes(content)
            hub.objects.add_file(tmp_path / "data", oid_of(content))
            hub.objects.grant(repo.record.uid, oid_of(content))
        yield room


@pytest.mark.parametrize(
    "faults",
    [
        [],
        [drop_after(bytes=200_000, on="get"), drop_after(bytes=50_000, on="get")],
        [status(503, on="get")],
        [corrupt(on="get")],
        [expired_lease()],
    ],
    ids=lambda faults: " ".join(fault.name for fault in faults) or "none",
)
def test_an_object_is_handed_over_whole(faults: list[Fault], room: Room) -> None:
    room.hub.faults.add(*faults)
    (said,) = room.asked("download", CONTENT)
    with room.start() as agent:
        agent.say(init("download"))
        assert agent.hear() == {}
        told, end = agent.carry(said)
        assert "error" not in end
        path = Path(end["path"])
        assert path.parent == room.repo / ".git/lfs/tmp"
        assert path.read_bytes() == CONTENT
        assert told[0] == (1, 1)
        assert told[-1][0] == len(CONTENT) == sum(since for _, since in told)
        assert agent.end() == 0
    assert not room.stored(oid_of(CONTENT)).exists(), "that is git-lfs's to do"
    left = {file.name for file in (room.repo / ".git/lfs/incomplete").iterdir()}
    assert left == {"README"}


def waiting(room: Room) -> int:
    """How many bytes of the object lie in a draft."""
    drafts = (room.repo / ".git/lfs/incomplete").glob("*.hfpush-draft")
    return max((draft.stat().st_size for draft in drafts), default=0)


def test_a_killed_agent_leaves_what_has_come_and_the_next_goes_on(room: Room) -> None:
    room.hub.faults.add(slow(rate=150_000, on="get"))
    (said,) = room.asked("download", CONTENT)
    with room.start() as agent:
        agent.say(init("download"))
        agent.hear()
        agent.say(said)
        end = time.monotonic() + 30
        while waiting(room) < 120_000 and time.monotonic() < end:
            time.sleep(0.01)
    room.hub.faults.clear()
    room.hub.seen.clear()
    with room.start() as agent:
        agent.say(init("download"))
        agent.hear()
        told, ended = agent.carry(said)
    assert Path(ended["path"]).read_bytes() == CONTENT
    assert room.hub.seen.bytes_out("get") <= 200_000
    assert told[1][0] >= 100_000


def test_a_large_object_comes_in_ranges_where_each_connection_is_slow(room: Room) -> None:
    room.hub.faults.add(slow(rate=2_000_000, on="get", times=None))
    (said,) = room.asked("download", LARGE)
    with room.start() as agent:
        agent.say(init("download"))
        agent.hear()
        told, ended = agent.carry(said)
    assert Path(ended["path"]).read_bytes() == LARGE
    assert told[-1][0] == len(LARGE) == sum(since for _, since in told)
    assert room.hub.seen.count("get") > 1


def test_what_no_server_gives_is_told(room: Room) -> None:
    (said,) = room.asked("download", CONTENT)
    room.hub.faults.add(status(404, on="get", times=None), status(404, on="batch", times=None))
    with room.start() as agent:
        agent.say(init("download"))
        agent.hear()
        _, end = agent.carry(said)
    assert end["error"]["code"] == 404


def test_what_another_process_has_brought_meanwhile_is_handed_over_as_a_copy(tmp_path: Path) -> None:
    store = Store(store_folders(tmp_path, None))
    oid = oid_of(CONTENT)
    store.path(oid).parent.mkdir(parents=True)
    store.path(oid).write_bytes(CONTENT)
    place = HandedOver(store, store.tmp / "x")
    content = Content(oid, len(CONTENT))
    assert place.presence("", content) is Presence.PLACED
    place.put(content, (), None)
    assert (store.tmp / "x").read_bytes() == CONTENT
    assert store.path(oid).exists()
    assert place.folder == store.tmp
    with pytest.raises(AssertionError):
        place.file("x")


def test_what_git_lfs_never_took_is_removed_after_an_hour(room: Room) -> None:
    folder = room.repo / ".git/lfs/tmp"
    folder.mkdir(parents=True)
    old, new = folder / f"hfpush-agent-1-{'a' * 64}", folder / f"hfpush-agent-2-{'b' * 64}"
    for file in (old, new):
        file.write_bytes(b"x")
    os.utime(old, (0, 0))
    (said,) = room.asked("download", CONTENT)
    with room.start() as agent:
        agent.say(init("download"))
        agent.hear()
        agent.carry(said)
    assert (old.exists(), new.exists()) == (False, True)
