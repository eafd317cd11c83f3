"""Files that are filled at any place: what they say is there after a kill, a torn record, a lost end."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfpush.disk.extents import Extents
from hfpush.disk.part_file import PartFile, bytes_there
from hfpush.errors import Busy, LocalTrouble

SIZE = 200
DATA = bytes(range(1, SIZE + 1))  # no byte is 0, as in a hole
_WHERE = st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)).map(lambda pair: (min(pair), max(pair)))
_OPERATIONS = st.lists(st.tuples(st.sampled_from(["write", "write", "write", "forget"]), _WHERE), max_size=12)


@contextmanager
def opened(path: Path, size: int = SIZE) -> Iterator[PartFile]:
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield PartFile(fd, size, path)
    finally:
        os.close(fd)


def do(file: PartFile, operation: tuple[str, tuple[int, int]]) -> None:
    what, (start, stop) = operation
    if what == "write":
        file.write(start, memoryview(DATA)[start:stop])
    else:
        file.forget(start, stop)


def after(have: Extents, operation: tuple[str, tuple[int, int]]) -> Extents:
    return have.with_(*operation[1]) if operation[0] == "write" else have.without(*operation[1])


def claims(image: bytes, path: Path) -> Extents:
    """What a file of these bytes says is there; every byte of it is right."""
    path.write_bytes(image)
    with opened(path) as file:
        have = file.have
    for start, stop in have.parts:
        assert image[start:stop] == DATA[start:stop]
    return have


@contextmanager
def images_of(path: Path, images: list[bytes]) -> Iterator[None]:
    """Add what the file is after each system call that changes it."""

    def look(_: object, event: str, called: object) -> None:
        if event == "c_return" and called in (os.pwrite, os.ftruncate):
            images.append(path.read_bytes())

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(before)


def changed(old: bytes, new: bytes) -> list[int]:
    """Where two journals of one length differ."""
    return [at for at in range(SIZE, len(new)) if old[at] != new[at]] if len(old) == len(new) else []


def within(one: Extents, other: Extents) -> bool:
    for start, stop in other.parts:
        one = one.without(start, stop)
    return not one.parts


@settings(deadline=None, max_examples=40)
@given(operations=_OPERATIONS)
def test_killed_after_any_system_call_or_within_a_record_it_has_what_was_recorded(
    tmp_path_factory: pytest.TempPathFactory, operations: list[tuple[str, tuple[int, int]]]
) -> None:
    folder = tmp_path_factory.mktemp("part")
    path, copy, have = folder / "file", folder / "copy", Extents()
    with opened(path) as file:
        for operation in operations:
            images = [path.read_bytes()]
            with images_of(path, images):
                do(file, operation)
            both = [have, after(have, operation)]
            assert file.have == both[1]
            for image in images:
                assert claims(image, copy) in both or within(both[0], claims(image, copy))
            assert claims(images[-1], copy) == both[1]
            last, new = images[-2:] if len(images) > 1 else (images[0], images[0])
            for cut in changed(last, new)[::5]:  # a record that was written by half
                assert claims(new[:cut] + last[cut:], copy) in both
            have = both[1]
        file.settle()
    with opened(path) as file:
        assert file.have == have
    assert bytes_there(path, SIZE) == have.total
    assert path.stat().st_size == have.frontier if have.total == have.frontier else path.stat().st_size > SIZE


@settings(deadline=None, max_examples=20)
@given(operations=_OPERATIONS, mask=st.integers(1, 255))
def test_a_lost_end_and_an_altered_byte_never_make_a_byte_appear(
    tmp_path_factory: pytest.TempPathFactory, operations: list[tuple[str, tuple[int, int]]], mask: int
) -> None:
    folder = tmp_path_factory.mktemp("part")
    path, copy = folder / "file", folder / "copy"
    with opened(path) as file:
        do(file, ("write", (SIZE - 1, SIZE)))
        for operation in operations:
            do(file, operation)
    image = path.read_bytes()
    used = SIZE + len(image[SIZE:].rstrip(b"\0"))
    for at in range(SIZE, used + 2, 3):
        claims(image[:at] if at > SIZE else image[: SIZE + 1], copy)
        if at < len(image):
            claims(image[:at] + bytes([image[at] ^ mask]) + image[at + 1 :], copy)


def test_what_lies_in_a_hole_is_not_believed(tmp_path: Path) -> None:
    """As after a loss of power: the length, or the record, is on the disk, and the bytes are not."""
    page, pages = bytes(range(1, 129)) * 512, 6
    size, path = pages * len(page), tmp_path / "file"
    with opened(path, size) as file:
        for number in (0, 1, 3, 5):
            file.write(number * len(page), memoryview(page))
        file.settle()
    for kept in range(1, pages):
        with path.open("r+b") as lost:
            lost.truncate(kept * len(page))  # the end and the journal are gone
            lost.truncate(size)
        with opened(path, size) as file:
            assert within(file.have, Extents(((0, 2 * len(page)), (3 * len(page), 4 * len(page)))))
            assert file.have.total
        with opened(path, size) as file:
            file.write(0, memoryview(page))
            for number in (0, 1, 3, 5):
                file.write(number * len(page), memoryview(page))
            file.settle()


def test_a_first_part_is_all_that_the_file_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(DATA[:50])
    with opened(tmp_path / "file") as file:
        assert file.have == Extents.prefix(50)
        file.write(50, memoryview(DATA)[50:60])
        assert (tmp_path / "file").read_bytes() == DATA[:60]
        file.write(100, memoryview(DATA)[100:])
        file.write(60, memoryview(DATA)[60:100])
        file.settle()
    assert (tmp_path / "file").read_bytes() == DATA


def test_reading_ends_where_the_content_ends(tmp_path: Path) -> None:
    with opened(tmp_path / "file") as file:
        file.write(SIZE - 10, memoryview(DATA)[-10:])
        into = bytearray(40)
        assert file.read(SIZE - 4, memoryview(into)) == 4
        assert into[:5] == DATA[-4:] + b"\0"
        assert file.read(SIZE + 1, memoryview(into)) == 0


@pytest.mark.parametrize(("at", "count"), [(-1, 2), (SIZE - 1, 2), (SIZE, 1)])
def test_bytes_beyond_the_content_are_a_mistake(tmp_path: Path, at: int, count: int) -> None:
    with opened(tmp_path / "file") as file, pytest.raises(ValueError, match="beyond"):
        file.write(at, memoryview(DATA)[:count])


@pytest.mark.parametrize("length", [0, 50, SIZE, SIZE + 30])
def test_adopted_bytes_are_there_as_far_as_they_go(tmp_path: Path, length: int) -> None:
    (tmp_path / "source").write_bytes((DATA + bytes(30))[:length])
    with opened(tmp_path / "file") as file:
        file.write(SIZE - 5, memoryview(DATA)[:5])
        file.adopt(tmp_path / "source")
        assert file.have == Extents.prefix(min(length, SIZE))
        if length:
            file.forget(10, 20)
            file.write(10, memoryview(DATA)[10:20])
        file.settle()
    assert (tmp_path / "file").read_bytes() == DATA[:length]
    assert (tmp_path / "source").stat().st_size == length


def test_adopting_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    with opened(tmp_path / "file") as file, pytest.raises(LocalTrouble):
        file.adopt(tmp_path / "nothing")


def test_a_file_that_was_taken_away_is_not_cut(tmp_path: Path) -> None:
    with opened(tmp_path / "file") as file:
        file.write(100, memoryview(DATA)[100:])
        image = (tmp_path / "file").read_bytes()
        (tmp_path / "file").rename(tmp_path / "theirs")
        for change in (file.reset, file.settle, lambda: file.write(0, memoryview(DATA)[:5])):
            with pytest.raises(Busy):
                change()
        assert (tmp_path / "theirs").read_bytes()[SIZE:] == image[SIZE:]


def test_a_thousand_stretches_from_several_threads(tmp_path: Path) -> None:
    data = random.Random(1).randbytes(1 << 20)
    places = list(range(0, len(data), 512))
    random.Random(2).shuffle(places)

    def write(mine: list[int]) -> None:
        for at in mine:
            file.write(at, memoryview(data)[at : at + 512])

    with opened(tmp_path / "file", len(data)) as file:
        threads = [threading.Thread(target=write, args=[places[number::4]]) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert file.have == Extents.prefix(len(data))
        assert (tmp_path / "file").stat().st_size - len(data) < 3 * 16 * 1100
        file.settle()
    assert (tmp_path / "file").read_bytes() == data


_WRITER = """
import random, sys, threading
from pathlib import Path
from hfpush.disk.content import Content
from hfpush.disk.draft import DraftHome, claim
folder, data = Path(sys.argv[1]), random.Random(7).randbytes(1 << 24)
draft = claim(DraftHome(folder / "drafts", Content("a" * 64, len(data)), folder / "lock"))
print(draft.have.total, flush=True)
def write():
    while True:
        at = random.randrange(len(data))
        draft.write(at, memoryview(data)[at:at + random.randrange(1, 1 << 14)])
for _ in range(4):
    threading.Thread(target=write).start()
"""


@pytest.mark.slow
def test_killed_twenty_times_while_four_threads_write_it_claims_no_wrong_byte(tmp_path: Path) -> None:
    data, before = random.Random(7).randbytes(1 << 24), 0
    for number in range(20):
        with subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            assert int(child.stdout.readline()) == before, number
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(random.uniform(0.0, 0.05))
            child.send_signal(signal.SIGKILL)
        (left,) = (path for path in (tmp_path / "drafts").iterdir() if path.name != "README")
        image = left.read_bytes()
        with opened(left, len(data)) as file:
            have = file.have
        for start, stop in have.parts:
            assert image[start:stop] == data[start:stop]
        assert have.total >= before
        before = have.total
    assert before > 1 << 20
