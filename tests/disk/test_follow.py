import hashlib
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.disk.content import Content
from hfpush.disk.follow import Follower, has_content
from hfpush.errors import LocalTrouble

BIG = random.Random(3).randbytes(9 << 20)  # enough for a thread


def content(data: bytes) -> Content:
    return Content(hashlib.sha256(data).hexdigest(), len(data))


@contextmanager
def following(path: Path, wanted: Content) -> Iterator[Follower]:
    with path.open("rb") as file, Follower(file.fileno(), wanted, path) as follower:
        yield follower


def append(path: Path, data: bytes) -> int:
    with path.open("ab") as file:
        file.write(data)
        return file.tell()


@given(st.lists(st.binary(max_size=50)))
def test_small_file_is_hashed_in_the_end(tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]) -> None:
    path = tmp_path_factory.mktemp("follow") / "file"
    path.touch()
    with following(path, content(b"".join(pieces))) as follower:
        for piece in pieces:
            follower.advance(append(path, piece))
        assert follower.matches()
        assert follower.matches()


@pytest.mark.parametrize("right", [True, False])
def test_large_file_is_hashed_behind_the_writer(tmp_path: Path, right: bool) -> None:
    path = tmp_path / "file"
    path.touch()
    data = BIG if right else BIG[:-1] + bytes([BIG[-1] ^ 1])
    with following(path, content(BIG)) as follower:
        for at in range(0, len(data), 300_000):
            follower.advance(append(path, data[at : at + 300_000]))
        assert follower.matches() == right


def test_large_file_begun_anew_is_hashed_anew(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"?" * len(BIG))
    with following(path, content(BIG)) as follower:
        follower.advance(len(BIG))
        follower.restart()
        with path.open("r+b") as file:
            file.write(BIG)
        follower.advance(len(BIG))
        assert follower.matches()


def test_incomplete_file_does_not_match(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    with following(path, content(b"abcdef")) as follower:
        follower.advance(3)
        assert not follower.matches()


@pytest.mark.parametrize("data", [b"abc", BIG], ids=["small", "large"])
def test_file_that_is_cut_under_us_is_a_trouble(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(data[:1])
    with following(path, content(data)) as follower:
        follower.advance(len(data))
        with pytest.raises(LocalTrouble):
            follower.matches()


def test_file_that_was_renamed_or_removed_is_still_followed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    with following(path, content(b"abc")) as follower:
        path.unlink()
        follower.advance(3)
        assert follower.matches()


def test_descriptor_that_cannot_be_read_is_a_trouble(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file, Follower(file.fileno(), content(b"abc"), tmp_path) as follower:
        follower.advance(3)
        with pytest.raises(LocalTrouble):
            follower.matches()


@pytest.mark.parametrize(("data", "same"), [(b"abc", True), (b"abd", False), (b"ab", False), (b"abcd", False)])
def test_whole_file_has_a_content_or_not(tmp_path: Path, data: bytes, same: bool) -> None:
    (tmp_path / "file").write_bytes(data)
    assert has_content(tmp_path / "file", content(b"abc")) == same


def test_file_that_cannot_be_read_is_a_trouble(tmp_path: Path) -> None:
    with pytest.raises(LocalTrouble):
        has_content(tmp_path / "none", content(b"abc"))


def test_one_thread_hashes_however_many_write(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(BIG)
    for _ in range(20):
        together = threading.Barrier(4)
        with following(file, content(BIG)) as follower:

            def write(follower: Follower = follower, together: threading.Barrier = together) -> None:
                together.wait()
                follower.advance(len(BIG))

            writers = [threading.Thread(target=write) for _ in range(4)]
            for writer in writers:
                writer.start()
            for writer in writers:
                writer.join()
            assert sum(thread.name == "hfpush-hash" for thread in threading.enumerate()) <= 1
            assert follower.matches()
