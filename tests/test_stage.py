"""A stage is what it says: nobody knows of it but who is in it, and nothing of it stays, also after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.stage import NAMES, Stage, why_not

pytestmark = pytest.mark.needs("ip", "nft")

_HELD = """\
import sys
from pathlib import Path
from support.stage import Stage
with Stage(Path(sys.argv[1])) as stage:
    stage.start("sleep", sys.argv[2])
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _allowed() -> None:
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)


def processes(word: str) -> list[int]:
    """Those with this word in their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_bytes() if entry.name.isdigit() else b""
        except OSError:
            continue
        if word.encode() in line:
            found.append(int(entry.name))
    return found


def settles(word: str, count: int) -> bool:
    """Whether there come to be so many processes; one that has just begun shows no command line for a moment."""
    until = time.monotonic() + 20
    while len(processes(word)) != count and time.monotonic() < until:
        time.sleep(0.01)
    return len(processes(word)) == count


def test_a_killed_test_leaves_no_process(tmp_path: Path) -> None:
    mark = f"300.{os.getpid()}{time.monotonic_ns()}"
    holder = subprocess.Popen(
        [sys.executable, "-c", _HELD, str(tmp_path), mark],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    with holder.stdin, holder.stdout:
        assert holder.stdout.readline() == b"ready\n"
        assert settles(mark, 2), "the holder, and what it started in the world"
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert settles(mark, 0)


def test_what_is_dropped_says_nothing_and_the_rest_is_there(tmp_path: Path) -> None:
    with Stage(tmp_path) as stage:
        listeners = [stage.listen(name, 80) for name in ("hf.test", "other.test")]
        stage.drop("hf.test")
        code = "import socket, sys; socket.create_connection((sys.argv[1], 80), timeout=0.5)"
        ended = {
            name: stage.run([sys.executable, "-S", "-c", code, name], cwd=tmp_path).text.strip().split("\n")[-1]
            for name in ("hf.test", "other.test", "proxy.test", "example.com")
        }
        for listener in listeners:
            listener.close()
    assert ended["hf.test"] == "TimeoutError: timed out"
    assert ended["other.test"] == ""
    assert "refused" in ended["proxy.test"]
    assert "resolution" in ended["example.com"]


def test_names_and_roots_are_the_clients_alone(tmp_path: Path) -> None:
    before = Path("/etc/hosts").read_bytes()
    with Stage(tmp_path) as stage:
        stage.call({"hf.test": NAMES["other.test"]})
        seen = stage.run(["cat", "/etc/hosts"], cwd=tmp_path).out
        assert Path("/etc/hosts").read_bytes() == before
    assert seen.splitlines()[-1] == f"{NAMES['other.test']} hf.test"


def test_a_command_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    with Stage(tmp_path) as stage:
        ended = stage.run(["sh", "-c", "sleep 300 & echo begun; wait"], cwd=tmp_path, seconds=0.3)
    assert (ended.code, ended.out) == (None, "begun\n")
