"""The agent's conversation: every object gets an end, whatever happens to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.agent_talk import Room, init, oid_of
from support.agent_work import some_bytes

from hfpush.commands.lfs_agent import Agent, AgentStart, told
from hfpush.findings import Finding
from hfpush.lfs.agent import parse_message
from hfpush.localhub import LocalHub, stall, status

pytestmark = pytest.mark.needs("git")
A, B = some_bytes(60_000, 1), some_bytes(3_000, 2)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with LocalHub(root=tmp_path / "hub", part_size=5000, multipart_threshold=10_000) as hub:
        hub.create("acme/model")
        yield Room(tmp_path, hub, A, B)


class Talk:
    """An agent in this process, and what it says."""

    def __init__(self, room: Room, **environment: str) -> None:
        self.heard: list[dict[str, Any]] = []
        self.notes: list[str] = []
        environment = {**room.environment, **environment}
        start = AgentStart(room.repo, environment, self._hear, self.notes.append, self._bug)
        self.agent = Agent(start)

    def _hear(self, line: bytes) -> None:
        self.heard.append(json.loads(line))

    def _bug(self, error: Exception) -> Finding:
        return Finding("bug", f"our mistake: {type(error).__name__}")

    def say(self, said: dict[str, Any]) -> bool:
        return self.agent.answer(parse_message(json.dumps(said).encode()))

    @property
    def ends(self) -> list[dict[str, Any]]:
        return [one for one in self.heard if one.get("event") == "complete"]


def test_objects_are_sent_one_after_another(room: Room) -> None:
    talk = Talk(room)
    assert talk.say(init("upload"))
    for said in room.asked("upload", A, B):
        assert talk.say(said)
    assert not talk.say({"event": "terminate"})
    assert talk.heard[0] == {}
    assert talk.ends == [{"event": "complete", "oid": oid_of(content)} for content in (A, B)]
    assert all(room.hub.objects.path(oid_of(content)).read_bytes() == content for content in (A, B))


def test_a_failure_is_an_answer_and_the_next_object_fares_better(room: Room) -> None:
    talk = Talk(room, HFPUSH_ATTEMPTS="1")
    talk.say(init("upload"))
    first, second = room.asked("upload", A, B)
    room.hub.faults.add(status(503, on="put", times=20))
    talk.say(first)
    room.hub.faults.clear()
    talk.say(second)
    failure, success = talk.ends
    assert failure["error"]["code"] == 503
    assert "(storage-unavailable)" in failure["error"]["message"]
    assert success == {"event": "complete", "oid": oid_of(B)}


@pytest.mark.parametrize(
    "action", [None, {}, {"href": "ftp://x"}, {"href": "http://x/", "header": {"chunk_size": "0"}}]
)
def test_an_action_that_cannot_be_used_is_told(action: object, room: Room) -> None:
    talk = Talk(room)
    talk.say(init("upload"))
    (said,) = room.asked("upload", A)
    assert talk.say({**said, "action": action})
    assert "(batch-unreadable)" in talk.ends[0]["error"]["message"]


def test_a_file_that_is_gone_is_told(room: Room) -> None:
    talk = Talk(room)
    talk.say(init("upload"))
    (said,) = room.asked("upload", A)
    talk.say({**said, "path": "/nowhere"})
    assert "(file-unreadable)" in talk.ends[0]["error"]["message"]


def test_a_mistake_of_ours_is_an_answer_too(room: Room) -> None:
    talk = Talk(room, HFPUSH_STATE_DIR="\0")
    talk.say(init("upload"))
    (said,) = room.asked("upload", A)
    assert talk.say(said)
    assert talk.ends[0]["error"]["code"] == 3
    assert "(bug)" in talk.ends[0]["error"]["message"]


def test_settings_that_cannot_be_read_are_told_for_each_object(room: Room) -> None:
    talk = Talk(room, HFPUSH_JOBS="many")
    talk.say(init("upload"))
    for said in room.asked("upload", A, B):
        talk.say(said)
    assert ["(jobs-invalid)" in end["error"]["message"] for end in talk.ends] == [True, True]


def test_whoever_traces_is_told_of_waits(room: Room) -> None:
    talk = Talk(room)
    talk.say(init("upload"))
    (said,) = room.asked("upload", A)
    room.hub.faults.add(status(429, on="put", retry_after=0.2))
    talk.say(said)
    assert talk.ends == [{"event": "complete", "oid": oid_of(A)}]
    assert any("trying again in 0.2 s" in note for note in talk.notes)
    talk.agent.news("the line stands still")
    assert talk.notes[-1] == "hfpush: the line stands still"


def test_a_finding_is_one_line_without_a_secret() -> None:
    found = Finding("a-b", "It is\nso.", ("GET https://u:p@h/x?X-Amz-Signature=1 hf_abcdefghijklmnopqrst",), ("do x",))
    assert told(found) == "hfpush: It is so. Seen: GET https://***@h/x?*** hf_***. Try: do x. (a-b)"


@pytest.mark.slow
def test_whoever_traces_is_told_that_nothing_moves(room: Room) -> None:
    talk = Talk(room)
    talk.say(init("upload"))
    (said,) = room.asked("upload", A)
    room.hub.faults.add(stall(13, on="put", part=3))
    talk.say(said)
    talk.say({"event": "terminate"})
    assert talk.ends == [{"event": "complete", "oid": oid_of(A)}]
    assert any("127.0.0.1" in note for note in talk.notes)
