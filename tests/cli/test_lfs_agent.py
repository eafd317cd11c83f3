"""The agent as a process: quick, nothing on its output but answers, and an end when git-lfs is gone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.agent_talk import Room, init
from support.agent_work import some_bytes

from hfpush.cli.lfs_agent import Lines, is_asked, main, run
from hfpush.localhub import LocalHub, slow

pytestmark = pytest.mark.needs("git")
CONTENT = some_bytes(60_000, 1)
BEGIN = json.dumps(init("upload")).encode() + b"\n"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with LocalHub(root=tmp_path / "hub", part_size=5000, multipart_threshold=10_000) as hub:
        hub.create("acme/model")
        yield Room(tmp_path, hub, CONTENT)


def talk(place: Path, said: bytes, *words: str) -> tuple[int, bytes, bytes]:
    command = [sys.executable, *(words or ("-m", "hfpush", "lfs", "agent"))]
    done = subprocess.run(command, cwd=place, input=said, capture_output=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_beginning_needs_no_library_of_the_network_and_no_command_line(tmp_path: Path) -> None:
    script = (
        "import sys, hfpush.cli.lfs_agent as a; code = a.run();"
        "heavy = {'requests', 'huggingface_hub', 'typer', 'rich', 'urllib3', 'yaml', 'filelock'} & set(sys.modules);"
        "sys.exit(f'loaded: {heavy}' if heavy else code)"
    )
    assert talk(tmp_path, BEGIN + b'{"event":"terminate"}\n', "-c", script) == (0, b"{}\n", b"")


def test_it_starts_in_a_moment(tmp_path: Path) -> None:
    times = []
    for _ in range(3):
        began = time.monotonic()
        assert talk(tmp_path, BEGIN)[0] == 0
        times.append(time.monotonic() - began)
    assert min(times) < 1.0, "some 0.05 s on a machine with nothing else to do"


@pytest.mark.parametrize(
    ("said", "heard", "code"),
    [
        (b"", b"", 0),
        (BEGIN, b"{}\n", 0),
        (b"garbage\n", b"", 1),
        (BEGIN + b"\xff\x00\n", b"{}\n", 1),
        (BEGIN + b'{"event":"upload","oid":"x"}\n', b"{}\n", 1),
    ],
)
def test_the_end_and_garbage_end_it_cleanly(said: bytes, heard: bytes, code: int, tmp_path: Path) -> None:
    ended, out, err = talk(tmp_path, said)
    assert (ended, out) == (code, heard)
    assert b"Traceback" not in err
    assert (b"(agent-protocol)" in err) == (code != 0)


def test_an_object_before_the_beginning_is_refused(room: Room) -> None:
    (said,) = room.asked("upload", CONTENT)
    with room.start() as agent:
        agent.say(said)
        assert agent.hear()["error"]["code"] == 32
        assert agent.process.wait(30) == 0


def test_it_ends_at_once_when_git_lfs_is_gone_amid_the_work(room: Room) -> None:
    room.hub.faults.add(slow(rate=100))
    (said,) = room.asked("upload", CONTENT)
    with room.start() as agent:
        agent.say(init("upload"))
        agent.say(said)
        assert agent.hear() == {}
        assert agent.hear()["bytesSoFar"] == 1
        assert agent.process.stdin is not None
        agent.process.stdin.close()
        assert agent.process.wait(30) == 1
        agent.process.stdin = None
        assert agent.process.communicate()[1] == b""


def test_it_ends_when_nobody_listens_any_more(room: Room) -> None:
    room.hub.faults.add(slow(rate=20_000))
    (said,) = room.asked("upload", CONTENT)
    with room.start() as agent:
        agent.say(init("upload"))
        assert agent.process.stdout is not None
        agent.process.stdout.close()
        agent.say(said)
        assert agent.process.wait(30) == 1
        agent.process.stdout = None


def test_an_interrupt_ends_it_without_a_word(room: Room) -> None:
    room.hub.faults.add(slow(rate=100))
    (said,) = room.asked("upload", CONTENT)
    with room.start() as agent:
        agent.say(init("upload"))
        agent.say(said)
        assert agent.hear() == {}
        assert agent.hear()["event"] == "progress"
        agent.process.send_signal(signal.SIGINT)
        assert agent.process.wait(30) == -signal.SIGINT
        assert agent.process.communicate()[1] == b""


def test_only_this_command_line_is_its_own() -> None:
    assert is_asked(["lfs", "agent"])
    assert not is_asked(["lfs", "agent", "--help"])
    assert not is_asked(["lfs", "status"])
    assert callable(main)
    assert callable(run)


def test_the_end_of_the_input_is_the_end_of_the_lines() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"one\ntwo\n")
    os.close(writing)
    lines = Lines(reading)
    assert list(lines) == [b"one\n", b"two\n"]
    assert not lines.begin(), "no work begins for whom nobody waits"
    os.close(reading)
