from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hfpush.disk.lock import hold
from hfpush.errors import Busy, LocalTrouble

HOLDING = """
import sys
from pathlib import Path
from hfpush.disk.lock import hold
with hold(Path(sys.argv[1]), "The folder ./model"):
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def held_by_another(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock until it is told a line, or dies."""
    command = [sys.executable, "-W", "error", "-c", HOLDING, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def take(path: Path, wait_seconds: float = 0.0) -> None:
    with hold(path, "The folder ./model", wait_seconds=wait_seconds):
        pass


def test_one_process_at_a_time_and_the_other_is_told_what_is_busy(tmp_path: Path) -> None:
    path = tmp_path / "locks" / "a.lock"
    with held_by_another(path):
        with pytest.raises(Busy) as caught:
            take(path)
        take(tmp_path / "locks" / "b.lock")
    assert caught.value.finding.message == "The folder ./model is being worked on by another hfpush."
    assert str(path) in caught.value.finding.evidence[0]


def test_a_holder_that_is_killed_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with held_by_another(path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)
        take(path)


def test_one_that_waits_gets_it_when_the_other_is_done(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with held_by_another(path) as process:
        waiting = threading.Thread(target=take, args=(path, 20.0))
        waiting.start()
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
        waiting.join(timeout=20)
        assert not waiting.is_alive()


def test_one_that_waits_in_vain_is_told_so(tmp_path: Path) -> None:
    with held_by_another(tmp_path / "a.lock"), pytest.raises(Busy):
        take(tmp_path / "a.lock", 0.2)


def test_threads_and_the_same_thread_again_find_it_busy(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    found: list[str] = []

    def other() -> None:
        try:
            take(path)
        except Busy:
            found.append("busy")

    with hold(path, "x"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(timeout=10)
        other()
    assert found == ["busy", "busy"]


def test_it_is_let_go_of_after_an_error_and_can_be_taken_again(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    for _ in range(2):
        with pytest.raises(KeyError), hold(path, "x"):
            raise KeyError
    take(path)


@pytest.mark.parametrize("where", ["file/a.lock", "folder.lock", "link.lock"])
def test_a_lock_file_that_cannot_be_made_is_trouble_of_this_machine(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.lock").mkdir()
    (tmp_path / "link.lock").symlink_to("link.lock")
    with pytest.raises(LocalTrouble) as caught:
        take(tmp_path / where)
    assert caught.value.finding.reference == "state-unwritable"
    assert "HFPUSH_STATE_DIR" in caught.value.finding.remedy[0]
