import fcntl
import hashlib
import os
import random
import time
from pathlib import Path

import pytest

from hfpush.disk.content import Content
from hfpush.disk.draft import Draft, DraftHome, claim, waiting_bytes
from hfpush.hub.spare import WORTH_BYTES, Repositories, Spare, Unfinished, best, gather, whole

DATA = random.Random(5).randbytes(WORTH_BYTES + 70_000)
CONTENT = Content(hashlib.sha256(DATA).hexdigest(), len(DATA))
MOST = WORTH_BYTES + 20_000
LONG_AGO = time.time() - 86_400


@pytest.fixture
def home(tmp_path: Path) -> DraftHome:
    return DraftHome(tmp_path / "drafts", CONTENT, tmp_path / "locks" / "the.lock")


def file(path: Path, data: bytes, *, age: float | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    if age is not None:
        os.utime(path, (age, age))
    return path


def drafted(home: DraftHome) -> bytes:
    draft = claim(home)
    assert isinstance(draft, Draft)
    found = bytearray(draft.length)
    draft.read(0, memoryview(found))
    draft.release()
    return bytes(found)


@pytest.mark.parametrize(
    "name",
    [
        f"{CONTENT.id}.incomplete",
        f"{CONTENT.id}.0a1b2c3d.incomplete",
        f"6Gvz=.{CONTENT.id}.incomplete",
        f"6Gvz=.{CONTENT.id}.0a1b2c3d.incomplete",
        f"model.safetensors.{CONTENT.id}.incomplete",
    ],
)
def test_what_the_hub_library_left_is_found_by_the_content_in_its_name(tmp_path: Path, name: str) -> None:
    file(tmp_path / "a" / name, DATA[:MOST])
    file(tmp_path / "a" / f"{'0' * 64}.incomplete", DATA)
    [spare] = Unfinished().parts_of(CONTENT, tmp_path / "a")
    assert spare == Spare(tmp_path / "a" / name, MOST, left=True)
    assert list(Unfinished().parts_of(CONTENT, tmp_path / "not there")) == []


def test_little_a_link_or_a_finished_file_is_not_what_was_left(tmp_path: Path) -> None:
    file(tmp_path / f"{CONTENT.id}.00000000.incomplete", DATA[: WORTH_BYTES - 1])
    (tmp_path / f"{CONTENT.id}.11111111.incomplete").symlink_to(file(tmp_path / "x", DATA))
    file(tmp_path / CONTENT.id, DATA)
    assert list(Unfinished().parts_of(CONTENT, tmp_path)) == []


def test_bytes_behind_a_hole_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / f"{CONTENT.id}.incomplete"
    with path.open("wb") as writer:
        writer.write(DATA[:WORTH_BYTES])
        writer.truncate(WORTH_BYTES + 60_000)
    [spare] = Unfinished().parts_of(CONTENT, tmp_path)
    assert spare.bytes == WORTH_BYTES


def test_blob_of_another_repository_is_found_by_its_sha256(tmp_path: Path) -> None:
    mine, other = tmp_path / "models--a--b", tmp_path / "datasets--c--d"
    for folder in (mine, other):
        file(folder / "blobs" / CONTENT.id, DATA)
    file(tmp_path / "models--short" / "blobs" / CONTENT.id, DATA[:-1])
    file(tmp_path / "blobs" / CONTENT.id, DATA)
    found = Repositories(tmp_path)
    assert [spare.path for spare in found.finished(CONTENT, besides=mine)] == [other / "blobs" / CONTENT.id]
    assert not list(found.finished(Content(CONTENT.id, CONTENT.size, git=True)))
    assert not list(found.finished(Content("a" * 64, 5)))
    assert not list(Repositories(tmp_path / "nowhere").finished(CONTENT))


def test_best_is_the_longest(tmp_path: Path) -> None:
    assert best([]) is None
    assert best([Spare(tmp_path, 1), Spare(tmp_path, 3), Spare(tmp_path, 2)]) == Spare(tmp_path, 3)
    assert whole(tmp_path, CONTENT) is None


def test_gathered_bytes_are_a_draft_and_their_file_stays(home: DraftHome, tmp_path: Path) -> None:
    source = file(tmp_path / "blob", DATA)
    gather(home, Spare(source, CONTENT.size))
    assert waiting_bytes(home) == CONTENT.size
    assert drafted(home) == DATA
    assert source.read_bytes() == DATA


@pytest.mark.parametrize(("age", "stays"), [(None, True), (LONG_AGO, False)], ids=["just now", "long ago"])
def test_what_was_left_goes_when_nobody_can_be_at_it_any_more(
    home: DraftHome, tmp_path: Path, age: float | None, stays: bool
) -> None:
    source = file(tmp_path / "x.incomplete", DATA[:MOST], age=age)
    gather(home, Spare(source, WORTH_BYTES, left=True))
    assert drafted(home) == DATA[:WORTH_BYTES]
    assert source.exists() == stays


def test_longer_draft_is_kept(home: DraftHome, tmp_path: Path) -> None:
    draft = claim(home)
    assert isinstance(draft, Draft)
    draft.write(0, memoryview(DATA)[:MOST])
    draft.release()
    gather(home, Spare(file(tmp_path / "x", bytes(WORTH_BYTES)), WORTH_BYTES, left=True))
    assert drafted(home) == DATA[:MOST]


def test_nothing_is_taken_from_whoever_holds_the_lock(home: DraftHome, tmp_path: Path) -> None:
    source = file(tmp_path / "x.incomplete", DATA[:MOST], age=LONG_AGO)
    with file(home.lock, b"").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        gather(home, Spare(source, MOST, left=True))
    assert waiting_bytes(home) == 0
    assert source.exists()


def test_file_that_went_away_costs_nothing(home: DraftHome, tmp_path: Path) -> None:
    gather(home, Spare(tmp_path / "gone", MOST))
    assert waiting_bytes(home) == 0
