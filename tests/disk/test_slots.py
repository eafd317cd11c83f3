"""Processes that count each other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from hfpush.disk.slots import Slots

_TAKE = """
import sys
from pathlib import Path
from hfpush.disk.slots import Slots
slots = Slots(Path(sys.argv[1]))
with slots.taken():
    print("taken", flush=True)
    sys.stdin.read()
"""


def one_more(folder: Path) -> subprocess.Popen[bytes]:
    """Another process that has taken a slot."""
    command = [sys.executable, "-c", _TAKE, str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"taken\n"
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate(timeout=30)


def test_each_process_sees_the_others_and_nobody_who_was_killed(tmp_path: Path) -> None:
    slots = Slots(tmp_path / "agents")
    with slots.taken():
        assert slots.count() == 1
        others = [one_more(tmp_path / "agents") for _ in range(3)]
        try:
            assert slots.count() == 4
            end(others.pop())
            assert slots.count() == 3
        finally:
            for other in others:
                end(other)
        assert slots.count() == 1
    assert len(list((tmp_path / "agents").glob("*.lock"))) == 4


def test_looking_takes_no_slot_from_anybody(tmp_path: Path) -> None:
    first, second = Slots(tmp_path), Slots(tmp_path)
    with first.taken():
        assert [first.count() for _ in range(3)] == [1, 1, 1]
        with second.taken():
            assert (first.count(), second.count()) == (2, 2)
    assert first.count() == 0


def test_where_nothing_can_be_locked_nobody_is_seen(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    slots = Slots(tmp_path / "file" / "below")
    with slots.taken():
        assert slots.count() == 0


def test_only_the_owner_may_open_a_slot(tmp_path: Path) -> None:
    slots = Slots(tmp_path / "agents")
    with slots.taken():
        (lock,) = (tmp_path / "agents").glob("*.lock")
        assert lock.stat().st_mode & 0o777 == 0o600
        assert os.stat(tmp_path / "agents").st_mode & 0o777 == 0o700
