"""The journal of a mending: what it says, what it leads to, and that it is there when it counts."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.errors import Damaged
from hfpush.repo.mend.journal import Journal, JournalStore, RefMove, State, next_stamp, parse_journal
from hfpush.repo.mend.refs import Step
from hfpush.repo.repository import Repository

A, B = "a" * 40, "b" * 40
STAMP = "20260131T120000.000000Z"
JOURNAL = Journal(
    stamp=STAMP,
    state="moving",
    place=".",
    branch="refs/heads/main",
    refs=(RefMove("refs/heads/main", A, B), RefMove("refs/heads/caf\udce9", A, B)),
    attributes={".gitattributes": None, "caf\udce9/.gitattributes": b"\xff\r\n"},
    staged="1" * 64,
)
JOURNALS = st.builds(
    Journal,
    stamp=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.strftime("%Y%m%dT%H%M%S.%fZ")),
    state=st.sampled_from(["moving", "done", "undoing"]),
    place=st.text(),
    branch=st.text(),
    refs=st.lists(st.builds(RefMove, st.text(), st.text(), st.text())).map(tuple),
    attributes=st.dictionaries(st.text(), st.none() | st.binary()),
    staged=st.none() | st.text(),
)


@pytest.fixture
def store(new_repo: Callable[..., Any]) -> JournalStore:
    found = JournalStore(Repository.around(new_repo().path))
    found.prepare()
    return found


@given(JOURNALS)
def test_what_is_written_is_what_is_read(journal: Journal) -> None:
    assert parse_journal(journal.encode()) == journal


def test_names_and_attributes_of_any_bytes_survive() -> None:
    assert parse_journal(JOURNAL.encode()) == JOURNAL


@given(st.integers(0, len(JOURNAL.encode()) - 2))
def test_a_journal_that_is_cut_is_never_taken_for_a_whole_one(length: int) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        parse_journal(JOURNAL.encode()[:length])


def test_forward_makes_every_backup_and_backward_takes_it_away() -> None:
    kept = f"refs/hfpush/backup/{STAMP}/refs/heads/main"
    assert {Step(kept, None, A), Step("refs/heads/main", A, B)} <= set(JOURNAL.forward())
    assert {Step(kept, A, None), Step("refs/heads/main", B, A)} <= set(JOURNAL.backward())
    assert len(JOURNAL.forward()) == len(JOURNAL.backward()) == 4


@pytest.mark.parametrize(("branch", "moves"), [("refs/heads/main", True), ("refs/heads/other", False), ("HEAD", False)])
def test_head_is_what_was_checked_out(branch: str, moves: bool) -> None:
    journal = Journal(STAMP, "moving", ".", branch, JOURNAL.refs, {})
    assert (journal.head == JOURNAL.refs[0]) is moves
    assert (journal.head is not None) is moves


@pytest.mark.parametrize(("state", "waits"), [("moving", True), ("undoing", True), ("done", False)])
def test_what_is_not_done_is_pending(store: JournalStore, state: State, waits: bool) -> None:
    assert store.pending() is None
    journal = store.settle(JOURNAL, state)
    assert store.pending() == (journal if waits else None)
    assert store.latest() == journal
    assert stat.S_IMODE((store.folder / f"fix-{STAMP}.json").stat().st_mode) == 0o600
    store.remove(journal)
    assert store.latest() is None
    assert {file.name for file in store.folder.iterdir()} == {"README"}


def test_what_a_kill_left_half_written_is_cleared_away(store: JournalStore) -> None:
    (store.folder / "0123.hfpush-new").write_text("{")
    store.prepare()
    assert {file.name for file in store.folder.iterdir()} == {"README"}


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"fix":2}', '{"fix":1,"stamp":"../../x"}'])
def test_a_journal_that_cannot_be_read_is_told(store: JournalStore, text: str) -> None:
    (store.folder / f"fix-{STAMP}.json").write_text(text)
    with pytest.raises(Damaged) as error:
        store.pending()
    assert error.value.finding.reference == "fix-journal-damaged"


@pytest.mark.parametrize(
    ("latest", "stamp"),
    [
        (None, "20260131T120000.000007Z"),
        ("20250101T000000.000000Z", "20260131T120000.000007Z"),
        ("20270101T000000.000000Z", "20270101T000000.000001Z"),
    ],
)
def test_stamps_only_grow(latest: str | None, stamp: str) -> None:
    before = None if latest is None else Journal(latest, "done", ".", "HEAD", (), {})
    assert next_stamp(before, datetime(2026, 1, 31, 12, 0, 0, 7, timezone.utc)) == stamp
