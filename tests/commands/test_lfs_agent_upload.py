"""Agents that send: together they keep to one limit, and an object is sent by one of them."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.agent_talk import Room, init, oid_of
from support.agent_work import some_bytes

from hfpush.commands.lfs_agent_server import agent_server
from hfpush.commands.lfs_agent_upload import AgentUpload
from hfpush.findings import Finding
from hfpush.lfs.agent import Init
from hfpush.localhub import LocalHub, slow

pytestmark = pytest.mark.needs("git")
PART = 5000
CONTENTS = [some_bytes(20 * PART, seed) for seed in range(4)]


class Nobody:
    def waits(self, seconds: float, why: Finding) -> None: ...

    def news(self, text: str) -> None: ...


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with LocalHub(root=tmp_path / "hub", part_size=PART, multipart_threshold=10_000) as hub:
        hub.create("acme/model")
        yield Room(tmp_path, hub, *CONTENTS)


def most_at_once(hub: LocalHub) -> int:
    """The most part requests that were under way at a moment."""
    moments = []
    for row in hub.seen.rows("put"):
        moments += [(row.started, 1), (row.started + row.seconds, -1)]
    now = most = 0
    for _, change in sorted(moments):
        now += change
        most = max(most, now)
    return most


def test_agents_share_one_limit_and_each_has_a_part_of_it(room: Room) -> None:
    room.hub.faults.add(slow(rate=50_000))
    with ExitStack() as stack:
        agents = [stack.enter_context(room.start(HFPUSH_JOBS="4")) for _ in CONTENTS]
        for agent in agents:
            agent.say(init("upload"))
            assert agent.hear() == {}
        messages = room.asked("upload", *CONTENTS)
        ends: list[object] = []
        threads = [
            threading.Thread(target=lambda a=agent, m=said: ends.append(a.carry(m)[1]))
            for agent, said in zip(agents, messages, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(ends) == 4
        assert [agent.end() for agent in agents] == [0] * 4
    assert room.hub.seen.count("put") == 80
    rows = sorted(room.hub.seen.rows("put"), key=lambda row: row.started)
    middle = rows[20:60]  # at the beginning the first does not see the others yet
    at_once = [sum(one.started <= row.started < one.started + one.seconds for one in rows) for row in middle]
    assert statistics.median(at_once) <= 4
    assert {row.oid for row in middle} == {oid_of(content) for content in CONTENTS}, "none of them starves"


def test_one_alone_has_the_whole_limit(room: Room) -> None:
    room.hub.faults.add(slow(rate=50_000))
    with room.start(HFPUSH_JOBS="4") as agent:
        agent.say(init("upload"))
        agent.hear()
        (said,) = room.asked("upload", CONTENTS[0])
        told, end = agent.carry(said)
        assert "error" not in end
        assert told[0] == (1, 1)
        assert told[-1][0] == len(CONTENTS[0])
        assert sum(since for _, since in told) == len(CONTENTS[0])
    assert 3 <= most_at_once(room.hub) <= 4


def test_the_share_is_never_zero_and_known_without_locks(room: Room) -> None:
    environment = {**room.environment, "HFPUSH_JOBS": "10"}
    server = agent_server(Init("upload", "origin"), room.repo, environment)
    assert AgentUpload(server, 4, Nobody()).share() == 2
    assert AgentUpload(server, 40, Nobody()).share() == 1


def test_who_comes_second_waits_and_sends_nothing_twice(room: Room) -> None:
    room.hub.faults.add(slow(rate=50_000))
    with room.start(HFPUSH_JOBS="2") as first, room.start() as second:
        for agent in (first, second):
            agent.say(init("upload"))
            agent.hear()
        (said,) = room.asked("upload", CONTENTS[0])
        first.say(said)
        end = time.monotonic() + 30
        while room.hub.seen.count("put") < 3 and time.monotonic() < end:
            time.sleep(0.01)
        assert second.carry(said)[1] == {"event": "complete", "oid": oid_of(CONTENTS[0])}
        while (heard := first.hear()).get("event") == "progress":
            pass
        assert heard == {"event": "complete", "oid": oid_of(CONTENTS[0])}
        third, _ = second.carry(said)
        assert third[-1][0] == len(CONTENTS[0])
    assert room.hub.seen.bytes_in("put") == len(CONTENTS[0])


def test_what_is_resumed_counts_at_once(room: Room) -> None:
    room.hub.faults.add(slow(rate=20_000))
    (said,) = room.asked("upload", CONTENTS[0])
    with room.start(HFPUSH_JOBS="2") as agent:
        agent.say(init("upload"))
        agent.hear()
        agent.say(said)
        end = time.monotonic() + 30
        while room.hub.seen.count("put") < 10 and time.monotonic() < end:
            time.sleep(0.01)
    room.hub.faults.clear()
    with room.start() as agent:
        agent.say(init("upload"))
        agent.hear()
        told, ended = agent.carry(said)
    assert "error" not in ended
    assert told[1][0] >= 6 * PART
