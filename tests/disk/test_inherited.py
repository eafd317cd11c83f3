"""A lock that outlives its holder in a child."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hfpush.disk.inherited import hold_with_child
from hfpush.errors import Busy, LocalTrouble

# Takes the lock, starts a child with it, says so, and waits to be killed; the child waits for the end of its input.
_HOLDER = """
import subprocess, sys
from pathlib import Path
from hfpush.disk.inherited import hold_with_child
with hold_with_child(Path(sys.argv[1]), "It", wait_seconds=0) as held:
    child = subprocess.Popen(["cat"], stdin=sys.stdin, pass_fds=(held,))
    print("held", flush=True)
    child.wait()
"""


def test_it_is_held_until_the_child_ends_also_when_its_parent_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = subprocess.Popen([sys.executable, "-c", _HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait(60)
    with pytest.raises(Busy), hold_with_child(path, "It", wait_seconds=0):
        pass
    holder.stdin.close()
    with hold_with_child(path, "It", wait_seconds=60):
        pass
    holder.stdout.close()


def test_it_is_free_after_the_block_and_between_threads_of_one_process(tmp_path: Path) -> None:
    for _ in range(2):
        with hold_with_child(tmp_path / "lock", "It", wait_seconds=0):
            with pytest.raises(Busy) as error, hold_with_child(tmp_path / "lock", "It", wait_seconds=0.05):
                pass
            assert error.value.finding.reference == "busy"


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(LocalTrouble), hold_with_child(tmp_path / "no/lock", "It", wait_seconds=0):
        pass
