"""Small files that become visible together."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hfpush.disk.content import Content
from hfpush.disk.draft import Draft, DraftHome, claim, waiting_bytes
from hfpush.disk.draft_names import Owner, held_name, myself
from hfpush.disk.small import Group
from hfpush.errors import LocalTrouble


def home_of(folder: Path, data: bytes) -> DraftHome:
    content = Content(hashlib.sha256(data).hexdigest(), len(data))
    return DraftHome(folder / "drafts", content, folder / "locks" / content.id)


def left(folder: Path) -> list[str]:
    return [path.name for path in (folder / "drafts").iterdir() if path.name != "README"]


def test_files_appear_when_the_group_is_flushed_and_what_follows_comes_after(tmp_path: Path) -> None:
    group, told = Group(), list[tuple[str, bytes]]()
    for number in range(20):
        data, target = b"%d" % number, tmp_path / "deep" / str(number % 3) / str(number)
        group.add(home_of(tmp_path, data), data, target, lambda t=target: told.append((t.name, t.read_bytes())))
    assert not (tmp_path / "deep").exists()
    group.flush()
    assert told == [(str(number), b"%d" % number) for number in range(20)]
    assert left(tmp_path) == []
    assert not (tmp_path / "locks").exists()


def test_empty_drafts_of_dead_processes_are_gone_and_those_with_something_in_them_stay(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    home, dead = home_of(tmp_path, b"1"), Owner(myself().host, ended.pid)
    elsewhere = Owner("00000000", ended.pid)
    home.folder.mkdir()
    owners = {"empty": dead, "begun": dead, "alive": myself(), "elsewhere": elsewhere}
    drafts = {kind: home.folder / held_name(home.content.id, owner) for kind, owner in owners.items()}
    for kind, draft in drafts.items():
        draft.write_bytes(b"x" if kind == "begun" else b"")
    group = Group()
    group.add(home, b"1", tmp_path / "t", lambda: None)
    group.flush()
    assert set(left(tmp_path)) == {drafts[kind].name for kind in ("begun", "alive", "elsewhere")}


@pytest.mark.parametrize("group", [Group(files=3), Group(size=3), Group(seconds=0)])
def test_a_group_that_is_full_is_placed_by_itself(tmp_path: Path, group: Group) -> None:
    for number in range(3):
        data = b"%d" % number
        group.add(home_of(tmp_path, data), data, tmp_path / "t" / str(number), lambda: None)
    assert len(list((tmp_path / "t").iterdir())) == 3


def test_a_group_to_which_nothing_more_comes_is_placed_by_itself(tmp_path: Path) -> None:
    group, placed = Group(seconds=0.01), threading.Event()
    group.add(home_of(tmp_path, b"1"), b"1", tmp_path / "t", placed.set)
    assert placed.wait(30)
    assert (tmp_path / "t").read_bytes() == b"1"


def test_what_fails_while_nobody_waits_is_told_to_the_next_who_asks(tmp_path: Path) -> None:
    (tmp_path / "folder" / "x").mkdir(parents=True)
    group, placed = Group(seconds=1), threading.Event()
    group.add(home_of(tmp_path, b"1"), b"1", tmp_path / "folder", lambda: None)
    group.add(home_of(tmp_path, b"2"), b"2", tmp_path / "fine", placed.set)
    assert placed.wait(30)
    with pytest.raises(LocalTrouble):
        group.flush()
    group.flush()
    assert (tmp_path / "fine").read_bytes() == b"2"


def test_several_threads_share_a_group(tmp_path: Path) -> None:
    group, told = Group(files=10), list[int]()

    def add(first: int) -> None:
        for number in range(first, 200, 4):
            data = b"%d" % number
            group.add(home_of(tmp_path, data), data, tmp_path / "t" / str(number), lambda n=number: told.append(n))

    threads = [threading.Thread(target=add, args=[first]) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    group.flush()
    assert sorted(told) == list(range(200))
    assert {path.name: path.read_bytes() for path in (tmp_path / "t").iterdir()} == {
        str(number): b"%d" % number for number in range(200)
    }


def test_an_equal_file_that_is_there_already_and_an_empty_one_are_no_trouble(tmp_path: Path) -> None:
    group = Group()
    for _ in range(2):
        group.add(home_of(tmp_path, b"same"), b"same", tmp_path / "same", lambda: None)
    group.add(home_of(tmp_path, b""), b"", tmp_path / "empty", lambda: None)
    group.flush()
    group.flush()
    assert ((tmp_path / "same").read_bytes(), (tmp_path / "empty").read_bytes()) == (b"same", b"")


def test_one_that_cannot_be_placed_keeps_no_other_from_its_place(tmp_path: Path) -> None:
    (tmp_path / "folder" / "x").mkdir(parents=True)
    group = Group()
    group.add(home_of(tmp_path, b"1"), b"1", tmp_path / "folder", lambda: None)
    group.add(home_of(tmp_path, b"2"), b"2", tmp_path / "fine", lambda: None)
    with pytest.raises(LocalTrouble) as error:
        group.flush()
    assert error.value.finding.reference == "not-a-file"
    assert (tmp_path / "fine").read_bytes() == b"2"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "drafts").touch()
    with pytest.raises(LocalTrouble) as error:
        Group().add(home_of(tmp_path, b"1"), b"1", tmp_path / "fine", lambda: None)
    assert error.value.finding.reference == "not-a-folder"


_ADD = """
import hashlib, os, signal, sys
from pathlib import Path
from hfpush.disk.content import Content
from hfpush.disk.draft import DraftHome
from hfpush.disk.small import Group
folder = Path(sys.argv[1])
home = DraftHome(folder / "drafts", Content(hashlib.sha256(b"data").hexdigest(), 4), folder / "locks" / "x")
Group().add(home, b"data", folder / "target", lambda: None)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_is_a_draft_to_go_on_with(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _ADD, str(tmp_path)], timeout=30, check=False)
    assert done.returncode == -signal.SIGKILL
    home = home_of(tmp_path, b"data")
    assert not (tmp_path / "target").exists()
    assert waiting_bytes(home) == 4
    draft = claim(home)
    assert isinstance(draft, Draft)
    draft.publish(tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == b"data"


def test_rights_are_those_of_a_shared_folder(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o2775)
    old, group = os.umask(0o077), Group()
    try:
        group.add(home_of(tmp_path / "shared", b"1"), b"1", tmp_path / "shared" / "t" / "1", lambda: None)
        group.flush()
    finally:
        os.umask(old)
    assert (tmp_path / "shared" / "t").stat().st_mode & 0o7777 == 0o2770
    assert (tmp_path / "shared" / "t" / "1").stat().st_mode & 0o777 == 0o660
