from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.errors import HfpushError, LocalTrouble
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


WHOLE = Lease("whole", 25, 25, ("https://s/o?sig=x",), headers={"X-Key": "v"})
UPLOADS = st.sampled_from(["a", "b", "whole"])
LEASES = st.one_of(st.builds(a_lease, st.sampled_from(["a", "b"])), st.just(WHOLE))
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(Leased, LEASES, st.floats(0, 4000)),
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
            assert proven >= set(step.lease.numbers), "completed only what was stored, in that very upload"
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


NEARLY = [
    b"[" * 100_000,
    b'{"event":"leased","at":1,"lease":{}}',
    b'{"event":"part","upload":"a","number":1e999,"etag":"x"}',
    b'{"event":"part","upload":"a","number":[],"etag":"x"}',
    b'{"event":"leased","at":' + b"9" * 4000 + b',"lease":{"verify":null,"complete":"c","expires_at":null}}',
    b'{"event":"nonsense","upload":"a"}',
    b'{"event":"verified"}{"event":"verified"}',
    b"null",
    b'"journal"',
    b'{"journal":2}',
    b"\xff\xfe",
    b"\0\0\0\0",
    journal_line(Leased(a_lease("a"), 1.0)).replace(b'"part_bytes":10', b'"part_bytes":0').strip(),
    journal_line(Leased(a_lease("a"), 1.0)).replace(b'"size":25', b'"size":26').strip(),
    journal_line(Leased(a_lease("a"), 1.0)).replace(b'"part_bytes":10', b'"part_bytes":5').strip(),
]


@pytest.mark.parametrize("line", NEARLY, ids=range(len(NEARLY)))
def test_a_line_that_cannot_be_read_ends_what_counts(line: bytes) -> None:
    good = HEADER + journal_line(PartStored("a", 1, '"1"'))
    data = good + line + b"\n" + journal_line(Verified())
    assert parse_journal(data, POINTER) == ([PartStored("a", 1, '"1"')], len(good))
    assert parse_journal(line + b"\n", POINTER) == ([], 0)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_journal_or_none(data: bytes) -> None:
    assert parse_journal(data, POINTER)[1] <= len(data)
    assert parse_journal(HEADER + data, POINTER)[1] >= len(HEADER)


def test_a_first_line_that_two_processes_wrote_counts_once() -> None:
    data = HEADER + journal_line(PartStored("a", 1, '"1"')) + HEADER + journal_line(PartStored("a", 2, '"2"'))
    assert parse_journal(data, POINTER) == ([PartStored("a", 1, '"1"'), PartStored("a", 2, '"2"')], len(data))


APPENDING = """
import sys
from pathlib import Path
from hfpush.lfs.pointer import Pointer
from hfpush.transfer.happened import PartStored
from hfpush.transfer.journal import JournalStore
journal = JournalStore(Path(sys.argv[1])).open("http://h/a/b", Pointer("ab" * 32, 25))
print("open", flush=True)
sys.stdin.readline()
for number in range(300):
    journal.append(PartStored(sys.argv[2], number, '"' + "x" * 200 + '"'))
"""


def test_two_processes_at_one_journal_lose_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", APPENDING, str(tmp_path)]
    pipe = subprocess.PIPE
    writers = [subprocess.Popen([*command, name], stdin=pipe, stdout=pipe, text=True) for name in ("a", "b")]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
    for writer in writers:
        writer.communicate("go\n", timeout=30)
        assert writer.returncode == 0
    journal = JournalStore(tmp_path).open("http://h/a/b", POINTER)
    journal.close()
    for name in ("a", "b"):
        numbers = [
            event.number for event in journal.events if isinstance(event, PartStored) and event.upload_id == name
        ]
        assert numbers == list(range(300))


FILLING = """
import json, resource, sys
from pathlib import Path
from hfpush.errors import LocalTrouble
from hfpush.lfs.pointer import Pointer
from hfpush.transfer.happened import PartStored
from hfpush.transfer.journal import JournalStore
journal = JournalStore(Path(sys.argv[1])).open("http://h/a/b", Pointer("ab" * 32, 25))
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
for number in range(100):
    try:
        journal.append(PartStored("a", number, '"tag"'))
    except LocalTrouble as error:
        print(json.dumps([number, error.finding.reference]))
        break
try:
    journal.append(PartStored("a", 99, '"tag"'))
except LocalTrouble:
    print("again")
"""


def test_a_full_disk_is_one_finding_and_spoils_nothing_that_was_kept(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", FILLING, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    first, second = done.stdout.splitlines()
    kept = int(first.strip("[").split(",")[0])
    assert ("state-unwritable" in first, second, kept > 5) == (True, "again", True)
    journal = JournalStore(tmp_path).open("http://h/a/b", POINTER)
    assert journal.events == [PartStored("a", number, '"tag"') for number in range(kept)]
    journal.append(PartStored("a", 7, '"7"'))
    journal.close()
    again = JournalStore(tmp_path).open("http://h/a/b", POINTER)
    assert again.events[-1] == PartStored("a", 7, '"7"'), "and it goes on where it was"
    again.close()


def test_pruning_does_not_mind_what_is_gone_meanwhile(tmp_path: Path) -> None:
    store = JournalStore(tmp_path)
    store.prune()
    store.open("s", POINTER).close()
    (tmp_path / "uploads" / "gone.jsonl").symlink_to("nowhere")
    store.prune(now=10.0**10)
    assert {path.name for path in (tmp_path / "uploads").iterdir()} == {"README", "gone.jsonl"}


def test_forgetting_what_was_never_kept_is_nothing(tmp_path: Path) -> None:
    JournalStore(tmp_path).forget("s", POINTER)
    (tmp_path / "file").write_text("")
    JournalStore(tmp_path / "file").forget("s", POINTER)


def test_a_journal_that_cannot_be_deleted_is_one_finding(tmp_path: Path) -> None:
    store = JournalStore(tmp_path)
    journal = store.open("s", POINTER)
    (path,) = (tmp_path / "uploads").glob("*.jsonl")
    path.unlink()
    path.mkdir()
    with pytest.raises(HfpushError, match="state-unwritable"):
        journal.remove()


def test_who_holds_an_object_is_the_only_one_and_leaves_a_journal_as_it_was(tmp_path: Path) -> None:
    store = JournalStore(tmp_path)
    with store.hold("scope", POINTER) as waited:
        assert not waited
        journal = store.open("scope", POINTER)
        journal.append(Verified())
        journal.close()
    with store.hold("scope", POINTER) as finished:
        assert finished, "somebody has sent it, it may be there"
        again = store.open("scope", POINTER)
        assert again.events == [Verified()]
        again.remove()
    assert list((tmp_path / "uploads").glob("*.jsonl")) == []
    with pytest.raises(KeyError), store.hold("another", POINTER):
        raise KeyError("it was not sent")
    with store.hold("another", POINTER) as finished:
        assert not finished
    assert list((tmp_path / "uploads").glob("*.jsonl")) == []


def test_the_list_of_what_is_finished_stays_short(tmp_path: Path) -> None:
    store = JournalStore(tmp_path)
    for number in range(5):
        (tmp_path / "uploads").mkdir(exist_ok=True)
        (tmp_path / "uploads/finished").write_text("x" * 66_000)
        with store.hold(f"scope {number}", POINTER) as finished:
            assert not finished
        assert (tmp_path / "uploads/finished").stat().st_size == 33
