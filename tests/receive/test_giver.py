from __future__ import annotations

from dataclasses import dataclass, replace

from support.given import Silent

from hfpush.findings import Finding
from hfpush.receive.giver import Giver
from hfpush.receive.reach import Reach


@dataclass(eq=False)
class Request:
    """A request that has brought so much."""

    wire: int = 0
    began: float = 0.0
    moved_at: float = 0.0
    small: bool = False


def giver(first: int = 2) -> Giver:
    return Giver(0, Silent(), Reach.start(first, 64))


def test_it_has_room_for_as_many_as_its_reach_allows() -> None:
    found = giver()
    found.enter(Request())
    assert found.has_room(0.0)
    found.enter(Request())
    assert not found.has_room(0.0)


def test_it_is_asked_nothing_while_it_waits_or_after_it_was_dropped() -> None:
    found = giver()
    found.standing = replace(found.standing, until=5.0)
    assert not found.has_room(4.9)
    assert found.has_room(5.0)
    found.standing = replace(found.standing, dropped=Finding("x", "X."))
    assert not found.has_room(5.0)


def test_its_rate_is_that_of_one_connection() -> None:
    found, one, two = giver(), Request(), Request()
    found.enter(one)
    found.enter(two)
    one.wire, two.wire = 300, 500
    found.look(2.0)
    assert found.rate == 200.0
    found.leave(one, 2.0)
    two.wire += 600
    found.look(2.0)
    assert found.rate == 250.0


def test_its_reach_grows_only_when_it_was_used_up() -> None:
    found, one = giver(), Request()
    found.enter(one)
    for _ in range(20):
        one.wire += 1_000_000
        found.look(0.25)
    assert found.reach.limit == 2
    found.enter(Request())
    for _ in range(20):
        one.wire += 1_000_000
        found.look(0.25)
    assert found.reach != Reach.start(2, 64)


def test_small_files_at_a_quick_source_get_few_requests() -> None:
    found = giver(first=16)
    requests = [Request(small=True), Request(small=True), Request()]
    found.enter(requests[0])
    assert found.limit == 16
    found.answered(0.3)
    found.answered(0.001)
    assert found.limit == 2
    found.enter(requests[1])
    assert not found.has_room(0.0)
    found.enter(requests[2])
    assert found.limit == 16
    found.leave(requests[2], 1.0)
    assert found.limit == 2


def test_over_a_long_way_it_takes_several_at_once() -> None:
    found = giver(first=1)
    found.enter(Request())
    found.answered(0.1)
    found.look(0.1)
    assert found.limit == 8


def test_objection_shrinks_its_reach() -> None:
    found = giver(first=8)
    found.troubled = True
    found.look(0.25)
    assert (found.reach.limit, found.troubled) == (4, False)
