"""What of a damaged file is worth keeping."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.commands.verify_draft import heal_shared, salvage, suspected
from hfpush.disk.content import Content
from hfpush.disk.draft import Draft, DraftHome, claim, waiting_bytes

GRAIN = 4096
FULL = b"x" * GRAIN
NONE = bytes(GRAIN)


@pytest.mark.parametrize(
    ("blocks", "size", "found"),
    [
        ([FULL, FULL], 2 * GRAIN, None),
        ([FULL, NONE], 2 * GRAIN, [(GRAIN, 2 * GRAIN)]),
        ([NONE, FULL, NONE, NONE, b"\0"], 4 * GRAIN + 1, [(0, GRAIN), (2 * GRAIN, 4 * GRAIN + 1)]),
        ([NONE], GRAIN, None),
        ([FULL], 3 * GRAIN, []),
        ([FULL, FULL], GRAIN, []),
        ([FULL, NONE], 9 * GRAIN, [(GRAIN, 2 * GRAIN)]),
        ([], GRAIN, None),
        ([FULL[:7]], 7, None),
    ],
)
def test_zeros_are_suspected(tmp_path: Path, blocks: list[bytes], size: int, found: object) -> None:
    (tmp_path / "file").write_bytes(b"".join(blocks))
    assert suspected(tmp_path / "file", Content("0" * 64, size)) == found


@given(st.lists(st.booleans(), min_size=1, max_size=600))
def test_every_block_of_zeros_is_in_exactly_one_run(empty: list[bool]) -> None:
    name = f"/dev/shm/hfpush-zeros-{os.getpid()}" if os.path.isdir("/dev/shm") else f"zeros-{os.getpid()}"
    path = Path(name)
    try:
        path.write_bytes(b"".join(NONE if each else FULL for each in empty))
        runs = suspected(path, Content("0" * 64, GRAIN * len(empty))) or []
    finally:
        path.unlink()
    inside = {at // GRAIN for start, stop in runs for at in range(start, stop, GRAIN)}
    wanted = {number for number, each in enumerate(empty) if each}
    assert inside == (wanted if len(wanted) < len(empty) else set())


def test_a_pipe_is_no_file_to_keep(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert suspected(tmp_path / "pipe", Content("0" * 64, 5)) is None
    assert suspected(tmp_path / "nothing", Content("0" * 64, 5)) is None


def test_the_draft_has_all_but_what_is_suspected_and_the_file_stays(tmp_path: Path) -> None:
    right = os.urandom(GRAIN * 10)
    wrong = right[: GRAIN * 4] + NONE + right[GRAIN * 5 :]
    (tmp_path / "file").write_bytes(wrong)
    home = DraftHome(tmp_path / "aside", Content(hashlib.sha256(right).hexdigest(), len(right)), tmp_path / "lock")
    assert salvage(home, tmp_path / "file")
    assert waiting_bytes(home) == GRAIN * 7  # the blocks beside it may be wrong in part
    assert salvage(home, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == wrong
    draft = claim(home)
    assert isinstance(draft, Draft)
    assert draft.length == GRAIN * 3
    draft.discard()


def test_a_file_that_gives_no_hint_makes_no_draft(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(FULL)
    home = DraftHome(tmp_path / "aside", Content("0" * 64, GRAIN), tmp_path / "lock")
    assert not salvage(home, tmp_path / "file")
    assert waiting_bytes(home) == 0


def test_a_shared_file_gets_the_bytes_and_keeps_its_rights(tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(b"right")
    (tmp_path / "shared").write_bytes(b"wrong")
    (tmp_path / "shared").chmod(0o440)
    for _ in range(2):
        heal_shared(tmp_path / "blob", tmp_path / "shared")
        assert (tmp_path / "shared").read_bytes() == b"right"
        assert (tmp_path / "shared").stat().st_mode & 0o777 == 0o440
        assert sorted(path.name for path in tmp_path.iterdir()) == ["blob", "shared"]
