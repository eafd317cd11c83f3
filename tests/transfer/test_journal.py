from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.errors import LocalTrouble
from hfpush.lfs.lease import Action, Lease
from hfpush.lfs.pointer import Pointer
from hfpush.transfer.happened import Completed, Event, Leased, LeaseLost, PartStored, UploadLost, Verified
from hfpush.transfer.journal import JournalStore, journal_line, parse_journal
from hfpush.transfer.state import Complete, SendParts, UploadState, Verify

POINTER = Pointer("ab" * 32, 25)
HEADER = b'{"journal":1,"oid":"' + POINTER.oid.encode() + b'","size":25,"repo":"http://h/a/b"}\n'


def a_lease(upload_id: str, parts: int = 3) -> Lease:
    return Lease(
        upload_id,
        25,
        10,
        tuple(f"https://s/{upload_id}/{n}?sig=x" for n in range(parts)),
        f"https://h/c?uploadId={upload_id}",
        verify=Action("https://h/v", {"X-Key": "v"}),
        expires_at=5000.0,
    )


UPLOADS = st.sampled_from(["a", "b"])
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(Leased, st.builds(a_lease, UPLOADS), st.floats(0, 4000)),
    st.builds(PartStored, UPLOADS, st.integers(1, 3), st.sampled_from(['"e1"', '"é\n"', '"e3"'])),
    st.builds(LeaseLost, UPLOADS),
    st.builds(UploadLost, UPLOADS),
    st.builds(Completed, UPLOADS),
    st.builds(Verified),
)
HISTORIES = st.lists(EVENTS, max_size=12)


def written(events: list[Event]) -> bytes:
    return HEADER + b"".join(map(journal_line, events))


@given(HISTORIES)
def test_what_is_written_is_read_back(events: list[Event]) -> None:
    data = written(events)
    assert parse_journal(data, POINTER) == (events, len(data))


@given(HISTORIES)
def test_cut_at_every_byte_it_replays_and_never_completes_wrongly(events: list[Event]) -> None:
    data = written(events)
    for cut in range(len(data) + 1):
        found, used = parse_journal(data[:cut], POINTER)
        assert used <= cut
        assert found == events[: len(found)], "what is read is a beginning of what happened"
        step = UploadState.replay(found).next_step(100.0)
        if isinstance(step, Complete | Verify):
            proven = set()
            for event in found:
                if isinstance(event, UploadLost) and event.upload_id == step.lease.upload_id:
                    proven.clear()
                if isinstance(event, PartStored) and event.upload_id == step.lease.upload_id:
                    proven.add(event.number)
            assert proven == {1, 2, 3}, "completed only what was stored, in that very upload"
        if isinstance(step, SendParts):
            assert step.numbers


@given(HISTORIES, st.integers(0, 2000), st.binary(min_size=1, max_size=40))
def test_garbage_after_a_cut_never_invents_an_event(events: list[Event], cut: int, garbage: bytes) -> None:
    data = written(events)[:cut]
    found, _ = parse_journal(data + garbage, POINTER)
    assert found[: len(events)] == events[: len(found)] or b'"event"' in garbage


@pytest.mark.parametrize("other", [Pointer("cd" * 32, 25), Pointer(POINTER.oid, 26)])
def test_a_journal_of_another_object_counts_for_nothing(other: Pointer) -> None:
    assert parse_journal(written([Verified()]), other) == ([], 0)


def test_it_survives_being_cut_on_disk_and_goes_on(tmp_path: Path) -> None:
    store = JournalStore(tmp_path)
    journal = store.open("http://h/a/b", POINTER)
    journal.append(Leased(a_lease("a"), 1.0))
    journal.append(PartStored("a", 1, '"1"'))
    journal.close()
    (path,) = (tmp_path / "uploads").glob("*.jsonl")
    os.truncate(path, path.stat().st_size - 5)
    again = store.open("http://h/a/b", POINTER)
    assert again.events == [Leased(a_lease("a"), 1.0)]
    again.append(PartStored("a", 2, '"2"'))
    again.close()
    last = store.open("http://h/a/b", POINTER)
    assert last.events == [Leased(a_lease("a"), 1.0), PartStored("a", 2, '"2"')]
    last.remove()
    assert not path.exists()


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    JournalStore(tmp_path).open("http://h/a/b", POINTER).close()
    (path,) = (tmp_path / "uploads").glob("*.jsonl")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (tmp_path / "uploads" / "README").is_file()


def test_each_repository_has_its_own(tmp_path: Path) -> None:
    store = JournalStore(tmp_path)
    first = store.open("http://h/a/b", POINTER)
    first.append(Verified())
    assert store.open("http://h/a/c", POINTER).events == []
    first.close()


def test_old_journals_are_pruned(tmp_path: Path) -> None:
    store = JournalStore(tmp_path)
    store.open("s", POINTER).close()
    (path,) = (tmp_path / "uploads").glob("*.jsonl")
    store.prune(now=path.stat().st_mtime + 13 * 24 * 3600)
    assert path.exists()
    store.prune(now=path.stat().st_mtime + 15 * 24 * 3600)
    assert not path.exists()


def test_a_folder_that_cannot_be_made_is_one_finding(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalTrouble) as caught:
        JournalStore(tmp_path / "file").open("s", POINTER)
    assert caught.value.finding.reference == "state-unwritable"
