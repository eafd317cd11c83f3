import errno
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.disk.content import Content
from hfpush.disk.draft import Draft, DraftHome, Taken, claim, sweep, waiting_bytes
from hfpush.disk.draft_names import Owner, free_name, held_name, myself
from hfpush.disk.lock import hold
from hfpush.errors import Busy, LocalTrouble

DATA = bytes(range(250)) * 4
CONTENT = Content(hashlib.sha256(DATA).hexdigest(), len(DATA))
DEAD = Owner(myself().host, 2**31 - 1)
FAR = Owner("0" * 8, 1)


@pytest.fixture
def home(tmp_path: Path) -> DraftHome:
    return home_in(tmp_path)


def home_in(folder: Path) -> DraftHome:
    return DraftHome(folder / "drafts", CONTENT, folder / "locks" / "x.lock", folder / "blobs")


def claimed(home: DraftHome, *, quiet: bool = False) -> Draft:
    draft = claim(home, quiet=quiet)
    assert isinstance(draft, Draft)
    return draft


def leave(home: DraftHome, name: str, data: bytes = DATA[:300], age: float = 0) -> Path:
    home.folder.mkdir(exist_ok=True)
    path = home.folder / name
    path.write_bytes(data)
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def left(home: DraftHome) -> list[str]:
    return sorted(path.name for path in home.folder.iterdir() if path.name != "README")


def test_written_and_published(home: DraftHome, tmp_path: Path) -> None:
    draft = claimed(home)
    draft.write(0, memoryview(DATA)[:600])
    draft.write(600, memoryview(DATA)[600:])
    target = tmp_path / "deep" / "er" / "target"
    assert draft.length == len(DATA)
    assert not target.exists()
    draft.publish(target)
    assert target.read_bytes() == DATA
    assert left(home) == []


@given(cuts=st.lists(st.integers(0, len(DATA)), max_size=5))
def test_released_anywhere_it_is_gone_on_with(tmp_path_factory: pytest.TempPathFactory, cuts: list[int]) -> None:
    folder = tmp_path_factory.mktemp("draft")
    home = home_in(folder)
    furthest = 0
    for cut in [*sorted(cuts), len(DATA)]:
        draft = claimed(home)
        assert draft.length == furthest == waiting_bytes(home)
        draft.write(draft.length, memoryview(DATA)[draft.length : cut])
        furthest = draft.length
        draft.release()
        assert left(home) == ([free_name(CONTENT.id)] if furthest else [])
    draft = claimed(home)
    draft.publish(folder / "target")
    assert (folder / "target").read_bytes() == DATA


def test_rights_are_those_of_a_new_file(home: DraftHome, tmp_path: Path) -> None:
    old = os.umask(0o002)
    try:
        draft = claimed(home)
        draft.publish(tmp_path / "target")
    finally:
        os.umask(old)
    assert (tmp_path / "target").stat().st_mode & 0o777 == 0o664
    assert home.lock.stat().st_mode & 0o777 == 0o664


def test_draft_of_a_dead_process_is_gone_on_with_at_once_the_longest_first(home: DraftHome) -> None:
    leave(home, free_name(CONTENT.id), DATA[:100])
    leave(home, held_name(CONTENT.id, DEAD), DATA[:300])
    draft = claimed(home)
    assert draft.length == 300
    draft.discard()
    assert left(home) == [free_name(CONTENT.id)]


def test_draft_that_is_too_long_is_begun_anew(home: DraftHome) -> None:
    leave(home, free_name(CONTENT.id), DATA + b"x")
    assert waiting_bytes(home) == 0
    draft = claimed(home)
    assert draft.length == 0
    draft.discard()


def test_second_one_in_the_same_process_waits(home: DraftHome) -> None:
    first = claimed(home)
    first.write(0, memoryview(DATA)[:5])
    second = claim(home)
    assert isinstance(second, Taken)
    first.write(5, memoryview(DATA)[5:10])
    assert claim(home) != second
    first.release()
    claimed(home).discard()


def test_one_who_has_waited_long_enough_gets_a_draft_of_his_own(home: DraftHome, tmp_path: Path) -> None:
    first = claimed(home)
    first.write(0, memoryview(DATA)[:5])
    second = claimed(home, quiet=True)
    second.write(0, memoryview(DATA))
    assert first.path != second.path
    second.publish(tmp_path / "target")
    first.write(5, memoryview(DATA)[5:])
    first.publish(tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == DATA


def test_lock_of_another_program_is_waited_for_and_its_file_is_watched(home: DraftHome, tmp_path: Path) -> None:
    unfinished = tmp_path / "blobs" / f"{CONTENT.id}.1234.incomplete"
    unfinished.parent.mkdir()
    with hold(home.lock, "x"):
        before = claim(home)
        unfinished.write_bytes(b"x")
        after = claim(home)
        assert isinstance(before, Taken)
        assert isinstance(after, Taken)
        assert before.life != after.life
        claimed(home, quiet=True).discard()


def test_draft_of_another_host_is_left_until_it_is_quiet_or_forgotten(home: DraftHome) -> None:
    leave(home, held_name(CONTENT.id, FAR), DATA[:300])
    assert isinstance(claim(home), Taken)
    draft = claimed(home, quiet=True)
    assert draft.length == 300
    draft.discard()
    leave(home, held_name(CONTENT.id, FAR), DATA[:200], age=3600)
    draft = claimed(home)
    assert draft.length == 200
    draft.discard()


def test_draft_that_was_taken_over_is_not_published(home: DraftHome, tmp_path: Path) -> None:
    draft = claimed(home)
    draft.write(0, memoryview(DATA))
    draft.path.rename(home.folder / held_name(CONTENT.id, FAR))
    with pytest.raises(Busy) as error:
        draft.publish(tmp_path / "target")
    assert error.value.finding.reference == "draft-lost"
    assert not (tmp_path / "target").exists()


def test_publishing_replaces_a_link_and_does_not_write_through_it(home: DraftHome, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "target").symlink_to("mine")
    draft = claimed(home)
    draft.write(0, memoryview(DATA))
    draft.publish(tmp_path / "target")
    assert (tmp_path / "mine").read_text() == "mine"
    assert not (tmp_path / "target").is_symlink()


def test_link_in_place_of_a_draft_is_not_followed(home: DraftHome, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    home.folder.mkdir()
    (home.folder / free_name(CONTENT.id)).symlink_to(tmp_path / "mine")
    draft = claimed(home)
    draft.write(0, memoryview(DATA))
    draft.publish(tmp_path / "target")
    assert (tmp_path / "mine").read_text() == "mine"


@pytest.mark.parametrize("what", ["folder", "below a file"])
def test_target_that_cannot_be_is_told_and_the_draft_stays(home: DraftHome, tmp_path: Path, what: str) -> None:
    (tmp_path / "file").touch()
    target = tmp_path / "folder" if what == "folder" else tmp_path / "file" / "below"
    (tmp_path / "folder" / "x").mkdir(parents=True)
    draft = claimed(home)
    draft.write(0, memoryview(DATA))
    with pytest.raises(LocalTrouble) as error:
        draft.publish(target)
    assert error.value.finding.reference == ("not-a-file" if what == "folder" else "not-a-folder")
    draft.release()
    assert waiting_bytes(home) == len(DATA)


def test_reset_begins_anew(home: DraftHome) -> None:
    draft = claimed(home)
    draft.write(0, memoryview(b"wrong"))
    draft.reset()
    assert draft.length == 0
    assert draft.path.stat().st_size == 0
    draft.discard()


def test_released_with_holes_it_is_gone_on_with_and_published_whole(home: DraftHome, tmp_path: Path) -> None:
    draft = claimed(home)
    draft.write(600, memoryview(DATA)[600:900])
    draft.write(0, memoryview(DATA)[:100])
    assert (draft.length, draft.have.parts) == (100, ((0, 100), (600, 900)))
    draft.release()
    assert waiting_bytes(home) == 400
    draft = claimed(home)
    assert draft.have.parts == ((0, 100), (600, 900))
    draft.forget(700, 750)
    for start, stop in tuple(draft.have.gaps(len(DATA))):
        draft.write(start, memoryview(DATA)[start:stop])
    into = bytearray(10)
    assert (draft.read(695, memoryview(into)), bytes(into)) == (10, DATA[695:705])
    draft.publish(tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == DATA
    assert left(home) == []


def test_of_several_drafts_the_one_with_most_bytes_is_gone_on_with(home: DraftHome) -> None:
    draft = claimed(home)
    draft.write(0, memoryview(DATA)[:300])
    draft.write(900, memoryview(DATA)[900:])
    draft.release()
    leave(home, held_name(CONTENT.id, DEAD), DATA[:399])
    assert waiting_bytes(home) == 400
    best = claimed(home)
    assert best.have.parts == ((0, 300), (900, 1000))
    best.discard()
    longest = claimed(home)
    assert longest.length == 399
    longest.discard()


def test_a_draft_begins_with_a_file_that_is_there(home: DraftHome, tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(DATA[:500] + bytes(500))
    draft = claimed(home)
    draft.adopt(tmp_path / "old")
    assert draft.length == len(DATA)
    draft.forget(500, 1000)
    assert draft.length == 500
    draft.write(500, memoryview(DATA)[500:])
    draft.publish(tmp_path / "old")
    assert (tmp_path / "old").read_bytes() == DATA


@pytest.mark.parametrize("end", ["release", "reset"])
def test_a_draft_that_was_taken_over_is_not_changed_by_who_had_it(home: DraftHome, end: str) -> None:
    draft = claimed(home)
    draft.write(0, memoryview(DATA)[:100])
    draft.write(500, memoryview(DATA)[500:])
    theirs = draft.path.rename(home.folder / held_name(CONTENT.id, FAR))
    image = theirs.read_bytes()
    if end == "reset":
        with pytest.raises(Busy):
            draft.reset()
    draft.release()
    assert theirs.read_bytes() == image


def test_touch_is_a_sign_of_life(home: DraftHome) -> None:
    draft = claimed(home)
    os.utime(draft.path, (1, 1))
    draft.touch()
    assert draft.path.stat().st_mtime > 1
    draft.discard()


def test_sweep_removes_what_nobody_works_on(home: DraftHome) -> None:
    leave(home, free_name(CONTENT.id))
    leave(home, held_name(CONTENT.id, DEAD))
    leave(home, held_name(CONTENT.id, FAR))
    sweep(home)
    assert len(left(home)) == 1
    assert FAR.host in left(home)[0]


def test_sweep_and_waiting_bytes_of_a_folder_that_is_not_there(home: DraftHome) -> None:
    sweep(home)
    assert waiting_bytes(home) == 0
    assert not home.folder.exists()


def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "drafts").touch()
    with pytest.raises(LocalTrouble) as error:
        claim(home_in(tmp_path))
    assert error.value.finding.reference == "not-a-folder"


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_file_system_without_locks_still_has_drafts(tmp_path: Path, number: int) -> None:
    script = (
        "import fcntl, sys, warnings; from pathlib import Path; warnings.simplefilter('ignore')\n"
        "import hfpush.disk.draft as d; from hfpush.disk.content import Content\n"
        f"def no(*a): raise OSError({number}, 'no')\n"
        "fcntl.flock = no\n"
        f"place = Path({str(tmp_path)!r})\n"
        "home = d.DraftHome(place / 'd', Content('a' * 64, 9), place / 'l' / 'x')\n"
        "one = d.claim(home); one.write(0, memoryview(b'abc')); two = d.claim(home); one.release()\n"
        "three = d.claim(home); print(type(two).__name__, three.length); three.discard()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30)
    assert done.stdout.split() == ["Taken", "3"], done.stderr


@pytest.mark.parametrize("name", [free_name(CONTENT.id), held_name(CONTENT.id, DEAD)])
def test_a_pipe_in_place_of_a_draft_keeps_nobody_waiting(home: DraftHome, name: str) -> None:
    home.folder.mkdir()
    os.mkfifo(home.folder / name)
    assert waiting_bytes(home) == 0
    draft = claimed(home)
    draft.write(0, memoryview(DATA)[:10])
    draft.release()
    assert (home.folder / free_name(CONTENT.id)).is_file()
    assert waiting_bytes(home) == 10


def test_a_draft_that_has_another_name_as_well_is_not_written_to(home: DraftHome, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    home.folder.mkdir()
    (home.folder / free_name(CONTENT.id)).hardlink_to(precious)
    assert waiting_bytes(home) == 0
    draft = claimed(home)
    draft.write(0, memoryview(DATA)[:4])
    draft.release()
    assert precious.read_bytes() == b"precious"
    assert waiting_bytes(home) == 4
