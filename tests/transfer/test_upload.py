from __future__ import annotations

from pathlib import Path

import pytest

from hfpush.errors import LocalTrouble
from hfpush.lfs.lease import Action, Lease
from hfpush.lfs.pointer import Pointer
from hfpush.transfer.happened import Completed, Leased, LeaseLost, PartStored, UploadLost, Verified
from hfpush.transfer.journal import JournalStore
from hfpush.transfer.source import Source
from hfpush.transfer.state import AskLease, Complete, Done, SendParts, Verify
from hfpush.transfer.upload import Upload, UploadObject

POINTER = Pointer("ab" * 32, 25)
WHOLE = Lease("whole", 25, 25, ("https://s/o",), headers={"X-Key": "v"})
NOW = 100.0


def a_lease(upload_id: str = "a", verify: Action | None = None) -> Lease:
    urls = tuple(f"https://s/{upload_id}/{number}" for number in range(3))
    return Lease(upload_id, 25, 10, urls, f"https://h/c?uploadId={upload_id}", verify=verify, expires_at=1000.0)


def an_upload(folder: Path) -> Upload:
    source = Source(folder / "model.bin", 25, 1, "model.bin")
    return Upload(UploadObject(POINTER, source), "http://h/a/b", JournalStore(folder))


def journals(folder: Path) -> list[Path]:
    return list((folder / "uploads").glob("*.jsonl"))


def after(folder: Path, *events: Leased | PartStored | Completed | LeaseLost | UploadLost | Verified) -> Upload:
    """An upload of a new run to which all this happens."""
    upload = an_upload(folder)
    for event in events:
        upload.happened(event)
    return upload


LEASED = Leased(a_lease(), 1.0)
PARTS = [PartStored("a", number, f'"{number}"') for number in (1, 2, 3)]


def test_an_object_sent_whole_leaves_no_notes(tmp_path: Path) -> None:
    upload = after(tmp_path, Leased(WHOLE, 1.0))
    assert upload.state.next_step(NOW) == SendParts(WHOLE, (1,))
    assert journals(tmp_path) == []


def test_the_next_run_goes_on_where_this_one_stopped(tmp_path: Path) -> None:
    after(tmp_path, LEASED, PARTS[0], PARTS[2]).pause()
    upload = after(tmp_path, LEASED)
    assert upload.state.next_step(NOW) == SendParts(a_lease(), (2,))
    assert (upload.resumed_bytes, upload.stored_bytes, upload.how) == (15, 15, "resumed")


def test_nothing_is_written_after_a_pause(tmp_path: Path) -> None:
    upload = after(tmp_path, LEASED, PARTS[0])
    upload.pause()
    upload.happened(PARTS[1])
    upload.pause()
    assert after(tmp_path, LEASED).stored_bytes == 10


def test_an_upload_that_is_over_leaves_no_notes_and_says_how_it_went(tmp_path: Path) -> None:
    upload = after(tmp_path, LEASED, *PARTS, Completed("a"), Verified())
    assert (upload.state.next_step(NOW), upload.how) == (Done(), "sent")
    upload.over()
    assert (upload.done, journals(tmp_path)) == (True, [])


@pytest.mark.parametrize("events", [[Verified()], [Leased(WHOLE, 1.0), PartStored("whole", 1, ""), Verified()]])
def test_an_object_that_needed_no_parts_clears_the_notes_of_earlier_runs(
    tmp_path: Path, events: list[Leased | PartStored | Verified]
) -> None:
    after(tmp_path, LEASED, PARTS[0]).pause()
    upload = after(tmp_path, *events)
    upload.over()
    assert journals(tmp_path) == []


def test_an_object_that_was_there_is_present(tmp_path: Path) -> None:
    assert after(tmp_path, Verified()).how == "present"


def test_a_first_lease_counts_once_against_the_patience(tmp_path: Path) -> None:
    upload = after(tmp_path, *[LEASED, LeaseLost("a")] * 3)
    assert upload.state.next_step(NOW) == AskLease()
    assert upload.state.fruitless_leases == 3


def test_what_a_lost_upload_had_is_no_longer_resumed(tmp_path: Path) -> None:
    after(tmp_path, LEASED, PARTS[0]).pause()
    assert after(tmp_path, LEASED, LeaseLost("a"), Leased(a_lease("b"), 2.0)).resumed_bytes == 0
    assert after(tmp_path, LEASED, UploadLost("a")).resumed_bytes == 0


def test_an_upload_in_parts_that_goes_on_whole_is_told_apart_after_a_crash(tmp_path: Path) -> None:
    # A Hub answers a batch with a large object in it in parts, and the same small object alone as one PUT.
    after(tmp_path, LEASED, LeaseLost("a"), Leased(WHOLE, 2.0)).pause()
    journal = JournalStore(tmp_path).open("http://h/a/b", POINTER)
    assert journal.events[-1] == Leased(WHOLE, 2.0)
    journal.close()


def test_a_completed_object_that_the_server_lacks_is_verified_again_or_sent_again(tmp_path: Path) -> None:
    verify = Action("https://h/verify")
    after(tmp_path, LEASED, *PARTS, Completed("a")).pause()
    again = Leased(a_lease("b"), 2.0)
    assert after(tmp_path, again).state.next_step(NOW) == SendParts(again.lease, (1, 2, 3))
    other = tmp_path / "other"
    after(other, Leased(a_lease(verify=verify), 1.0), *PARTS, Completed("a")).pause()
    upload = after(other, Leased(a_lease("b", verify), 2.0))
    assert upload.state.next_step(NOW) == Verify(a_lease(verify=verify))


def test_parts_stored_in_time_are_put_together_by_the_next_run(tmp_path: Path) -> None:
    after(tmp_path, LEASED, *PARTS).pause()
    assert after(tmp_path, LEASED).state.next_step(NOW) == Complete(a_lease(), ('"1"', '"2"', '"3"'))


def test_notes_that_cannot_be_opened_are_told(tmp_path: Path) -> None:
    (tmp_path / "uploads").write_text("")
    with pytest.raises(LocalTrouble, match="state-unwritable"):
        after(tmp_path, LEASED)
