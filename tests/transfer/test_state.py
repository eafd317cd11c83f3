from __future__ import annotations

import pytest

from hfpush.lfs.lease import Action, Lease
from hfpush.transfer.happened import Completed, Event, Leased, LeaseLost, PartStored, UploadLost, Verified
from hfpush.transfer.state import (
    MAX_FRUITLESS_LEASES,
    MAX_LOST_UPLOADS,
    AskLease,
    Complete,
    Done,
    GiveUp,
    SendParts,
    UploadState,
    Verify,
)


def lease(upload_id: str = "a", *, parts: int = 3, expires_at: float | None = 1000.0, part_bytes: int = 10) -> Lease:
    urls = tuple(f"https://s/{upload_id}/{number}" for number in range(1, parts + 1))
    return Lease(
        upload_id, parts * part_bytes, part_bytes, urls, f"https://h/complete/{upload_id}", expires_at=expires_at
    )


def stored(*numbers: int, upload_id: str = "a") -> list[Event]:
    return [PartStored(upload_id, number, f'"{number}"') for number in numbers]


A, B = lease("a"), lease("b")
WHOLE = Lease("whole", 30, 30, ("https://s/o",))
NOW = 100.0

TABLE: list[tuple[str, list[Event], object]] = [
    ("nothing has happened", [], AskLease()),
    ("leased", [Leased(A, 0)], SendParts(A, (1, 2, 3))),
    ("some parts stored", [Leased(A, 0), *stored(3, 1)], SendParts(A, (2,))),
    ("all stored, in any order", [Leased(A, 0), *stored(3, 1, 2)], Complete(A, ('"1"', '"2"', '"3"'))),
    ("a part of another upload does not count", [Leased(A, 0), *stored(1, upload_id="b")], SendParts(A, (1, 2, 3))),
    ("a part beyond the last does not count", [Leased(A, 0), *stored(4, 0, -1)], SendParts(A, (1, 2, 3))),
    ("a part without a tag does not count", [Leased(A, 0), PartStored("a", 1, "")], SendParts(A, (1, 2, 3))),
    (
        "renewed lease of the same upload",
        [Leased(A, 0), *stored(1), LeaseLost("a"), Leased(A, 9)],
        SendParts(A, (2, 3)),
    ),
    (
        "new upload after the old lease was lost",
        [Leased(A, 0), *stored(1), LeaseLost("a"), Leased(B, 9)],
        SendParts(B, (1, 2, 3)),
    ),
    ("new upload while the old one holds parts", [Leased(A, 0), *stored(1), Leased(B, 9)], SendParts(A, (2, 3))),
    ("new upload while the old one holds nothing", [Leased(A, 0), Leased(B, 9)], SendParts(B, (1, 2, 3))),
    ("completed", [Leased(A, 0), *stored(1, 2, 3), Completed("a")], Verify(A)),
    ("completed too early is not completed", [Leased(A, 0), *stored(1, 2), Completed("a")], SendParts(A, (3,))),
    (
        "completed in another upload",
        [Leased(A, 0), *stored(1, 2, 3), Completed("b")],
        Complete(A, ('"1"', '"2"', '"3"')),
    ),
    ("verified", [Leased(A, 0), *stored(1, 2, 3), Completed("a"), Verified()], Done()),
    ("present all along", [Verified()], Done()),
    ("lease lost", [Leased(A, 0), *stored(1, 2, 3), LeaseLost("a")], AskLease()),
    ("another lease lost", [Leased(A, 0), LeaseLost("b")], SendParts(A, (1, 2, 3))),
    ("upload lost", [Leased(A, 0), *stored(1, 2, 3), UploadLost("a"), Leased(A, 9)], SendParts(A, (1, 2, 3))),
    (
        "completed, but leased again without a verification: the server lacks it",
        [Leased(A, 0), *stored(1, 2, 3), Completed("a"), Leased(A, 9)],
        SendParts(A, (1, 2, 3)),
    ),
    (
        "a lease that goes whole, after one in parts was lost",
        [Leased(A, 0), *stored(1), LeaseLost("a"), Leased(WHOLE, 9)],
        SendParts(WHOLE, (1,)),
    ),
    ("lost after completion", [Leased(A, 0), *stored(1, 2, 3), Completed("a"), UploadLost("a")], AskLease()),
]


@pytest.mark.parametrize(("case", "events", "step"), TABLE, ids=[row[0] for row in TABLE])
def test_next_step(case: str, events: list[Event], step: object) -> None:
    assert UploadState.replay(events).next_step(NOW) == step


def test_a_changed_part_size_starts_over() -> None:
    other = lease("a", part_bytes=20)
    state = UploadState.replay([Leased(A, 0), *stored(1, 2), LeaseLost("a"), Leased(other, 9)])
    assert state.next_step(NOW) == SendParts(other, (1, 2, 3))


@pytest.mark.parametrize(("now", "renews"), [(0, False), (899.9, False), (940.0, True), (1000.0, True), (2000.0, True)])
def test_a_lease_is_renewed_before_it_ends(now: float, renews: bool) -> None:
    state = UploadState.replay([Leased(lease(expires_at=1000.0), 0), *stored(1)])
    assert (state.next_step(now) == AskLease()) is renews


def test_a_short_lease_is_used_for_nine_tenths_of_its_life() -> None:
    state = UploadState.replay([Leased(lease(expires_at=2.0), 0), *stored(1)])
    assert isinstance(state.next_step(1.7), SendParts)
    assert state.next_step(1.9) == AskLease()


def test_a_lease_without_an_end_is_never_renewed() -> None:
    assert isinstance(UploadState.replay([Leased(lease(expires_at=None), 0)]).next_step(1e12), SendParts)


def test_leases_that_bring_nothing_end_with_a_reason() -> None:
    events: list[Event] = []
    for turn in range(MAX_FRUITLESS_LEASES):
        events += [Leased(A, turn), LeaseLost("a")]
    step = UploadState.replay(events).next_step(NOW)
    assert isinstance(step, GiveUp)
    assert step.reference == "lease-fruitless"


def test_a_stored_part_renews_the_patience() -> None:
    events: list[Event] = []
    for turn in range(3 * MAX_FRUITLESS_LEASES):
        events += [Leased(lease(parts=99), turn), *stored(turn + 1), LeaseLost("a")]
    assert UploadState.replay(events).next_step(NOW) == AskLease()


def test_an_upload_that_keeps_being_lost_ends_with_a_reason() -> None:
    events: list[Event] = []
    for turn in range(MAX_LOST_UPLOADS):
        events += [Leased(A, turn), *stored(1, 2, 3), UploadLost("a")]
    step = UploadState.replay(events).next_step(NOW)
    assert isinstance(step, GiveUp)
    assert step.reference == "upload-lost"


def test_a_new_run_has_its_own_patience() -> None:
    events: list[Event] = [Leased(A, 0), LeaseLost("a")] * MAX_FRUITLESS_LEASES
    assert UploadState.replay(events).resumed().next_step(NOW) == AskLease()


def test_an_object_sent_whole_needs_no_tag() -> None:
    whole = Lease("whole", 5, 5, ("https://s/o",))
    state = UploadState.replay([Leased(whole, 0), PartStored("whole", 1, "")])
    assert state.next_step(NOW) == Complete(whole, ("",))


def test_a_completed_object_is_verified_also_when_a_new_lease_is_offered() -> None:
    with_verify = Lease("a", 30, 10, A.part_urls, A.complete_url, verify=Action("https://h/verify"), expires_at=1000.0)
    events: list[Event] = [Leased(with_verify, 0), *stored(1, 2, 3), Completed("a"), Leased(with_verify, 9)]
    assert UploadState.replay(events).next_step(NOW) == Verify(with_verify)


def test_a_clock_that_was_set_back_does_no_harm() -> None:
    assert isinstance(UploadState.replay([Leased(A, 500.0)]).next_step(NOW), SendParts)


def test_leases_that_are_dead_on_arrival_end_with_a_reason() -> None:
    state = UploadState()
    for turn in range(MAX_FRUITLESS_LEASES):
        assert state.next_step(NOW) == AskLease()
        state = state.after(Leased(lease(expires_at=NOW - 5), NOW + turn))
    assert isinstance(state.next_step(NOW), GiveUp)
