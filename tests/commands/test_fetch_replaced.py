"""What a fetch into a folder tells of the files that it has replaced there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.fetched import BIG, Fetched, add_commit, fetched

from hfpush.commands.fetch_replaced import replaceable, replaced_note
from hfpush.disk.content import Content
from hfpush.receive.means import Outcome
from hfpush.receive.plan import Plan, Step

MANY = tuple(f"{number:02}.bin" for number in range(10))


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Fetched]:
    with fetched(tmp_path, fetch=False) as made:
        made.fetch(local_dir=made.folder)
        yield made


def test_a_file_that_was_changed_or_is_ones_own_is_told(room: Fetched) -> None:
    (room.folder / "config.json").write_text("mine")
    (room.folder / "model.safetensors").write_bytes(BIG[:-1] + b"?")
    after = os.stat(room.folder / "config.json").st_mtime + 100
    for name in ("config.json", "model.safetensors"):
        os.utime(room.folder / name, (after, after))
    (note,) = room.fetch(local_dir=room.folder).findings
    assert (note.reference, note.severity) == ("files-replaced", "note")
    assert note.evidence == ("'config.json'", "'model.safetensors'")
    assert room.fetch(local_dir=room.folder).findings == ()


def test_a_file_of_an_older_commit_is_replaced_without_a_word(room: Fetched) -> None:
    add_commit(room.hub, {"config.json": b'{"layers": 3}\n'}, {})
    report = room.fetch("config.json", local_dir=room.folder)
    assert (report.path.read_text(), report.findings) == ('{"layers": 3}\n', ())


def test_of_many_the_first_are_named() -> None:
    step = Step(Content("0" * 64, 5), MANY, "replace", replaced=MANY)
    (note,) = replaced_note(MANY, [Outcome(step, "fetched", 5)])
    assert (len(note.evidence), note.evidence[-1]) == (9, "and 2 others")


def test_a_file_that_proved_right_was_not_replaced() -> None:
    step = Step(Content("0" * 64, 5), ("a",), "check", unproven=("a",))
    assert replaceable(Plan((step,))) == ("a",)
    assert replaced_note(("a",), [Outcome(step, "kept")]) == ()
    assert replaced_note((), [Outcome(step, "fetched", 5)]) == ()
