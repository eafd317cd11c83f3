"""Files are read once, compared with what they must be, and nothing under their name holds the reader up."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
from pathlib import Path

import pytest
from support.fetched import Quiet

from hfpush.commands.verify_found import Item
from hfpush.commands.verify_read import read_all
from hfpush.disk.content import Content


def plain(content: bytes) -> Content:
    return Content(hashlib.sha256(content).hexdigest(), len(content))


def git(content: bytes) -> Content:
    head = f"blob {len(content)}\0".encode()
    return Content(hashlib.sha1(head + content).hexdigest(), len(content), git=True)


class Counting(Quiet):
    def __init__(self) -> None:
        self.size = 0
        self.read = 0
        self.open: set[str] = set()
        self._lock = threading.Lock()

    def begin(self, size: int) -> None:
        self.size = size

    def started(self, key: str, name: str, size: int, already: int) -> None:
        with self._lock:
            self.open.add(key)

    def moved(self, key: str, count: int) -> None:
        with self._lock:
            self.read += count

    def finished(self, key: str) -> None:
        with self._lock:
            self.open.remove(key)


@pytest.mark.parametrize(
    ("there", "contents", "state"),
    [
        (b"abc", (plain(b"abc"),), "fine"),
        (b"abc", (git(b"abc"),), "fine"),
        (b"abc", (plain(b"abd"), git(b"abc")), "fine"),
        (b"", (git(b""),), "fine"),
        (b"abc", (plain(b"abd"),), "damaged"),
        (b"abc", (plain(b"abcd"),), "damaged"),
        (b"abc", (plain(b"ab"),), "damaged"),
        (b"abc", (), "unjudged"),
        (b"x" * 3_000_000, (plain(b"x" * 3_000_000),), "fine"),
    ],
)
def test_a_file_is_judged_by_its_bytes(tmp_path: Path, there: bytes, contents: tuple[Content, ...], state: str) -> None:
    (tmp_path / "file").write_bytes(there)
    found = read_all([Item(tmp_path / "file", len(there), contents)], jobs=2, reading=Quiet())
    assert found[tmp_path / "file"].state == state


def test_every_byte_is_read_once_and_told(tmp_path: Path) -> None:
    items = []
    for number in range(20):
        content = os.urandom(number * 1000)
        (tmp_path / f"{number}").write_bytes(content)
        items.append(Item(tmp_path / f"{number}", len(content), (plain(content),)))
    counting = Counting()
    found = read_all([*items, items[3]], jobs=3, reading=counting)
    assert {verdict.state for verdict in found.values()} == {"fine"}
    assert counting.size == counting.read == sum(item.size for item in items)
    assert not counting.open


def test_a_file_of_another_size_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 1000)
    counting = Counting()
    verdict = read_all([Item(tmp_path / "file", 1000, (plain(b"x" * 1500),))], jobs=1, reading=counting)
    assert verdict[tmp_path / "file"].seen == "it has 1,000 bytes, 500 shorter than it should be"
    assert counting.read == 0


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    os.symlink("pipe", tmp_path / "link")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        names = ["pipe", "link", "folder", "s", "nothing"]
        items = [Item(tmp_path / name, 5, (plain(b"12345"),)) for name in names]
        found = read_all([*items, Item(Path("/dev/zero"), 5, (plain(b"12345"),))], jobs=2, reading=Quiet())
    assert found.pop(tmp_path / "nothing").state == "missing"
    assert {verdict.state for verdict in found.values()} == {"misplaced"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_we_may_not_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    (tmp_path / "file").chmod(0)
    found = read_all([Item(tmp_path / "file", 3, (plain(b"abc"),))], jobs=1, reading=Quiet())
    assert found[tmp_path / "file"].state == "unreadable"


class Writing(Quiet):
    """Changes the file whenever it has been read, so many times."""

    def __init__(self, path: Path, contents: list[bytes]) -> None:
        self._path = path
        self._contents = contents

    def moved(self, key: str, count: int) -> None:
        if self._contents:
            aside = self._path.with_name("aside")
            aside.write_bytes(self._contents.pop(0))
            os.replace(aside, self._path)


@pytest.mark.parametrize(("others", "state"), [([b"abx", b"abc"], "fine"), ([b"abx"] * 5, "changing")])
def test_a_file_that_changes_meanwhile_is_looked_at_again(tmp_path: Path, others: list[bytes], state: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"aby")
    found = read_all([Item(path, 3, (plain(b"abc"),))], jobs=1, reading=Writing(path, list(others)))
    assert found[path].state == state


class Interrupting(Quiet):
    def moved(self, key: str, count: int) -> None:
        raise KeyboardInterrupt


def test_an_end_that_comes_from_outside_ends_all(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    with pytest.raises(KeyboardInterrupt):
        read_all([Item(tmp_path / "file", 3, (plain(b"abc"),))], jobs=2, reading=Interrupting())
