"""Which source brings what: the rules of pieces.py over files that are open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.given import Silent

from hfpush.disk.content import Content
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.hub.cache import RepoCache
from hfpush.net.retry import RetryPolicy
from hfpush.receive.board import Board
from hfpush.receive.budget import Budget
from hfpush.receive.dealing import Dealer
from hfpush.receive.desk import Desk
from hfpush.receive.filling import Filling
from hfpush.receive.means import Means
from hfpush.receive.memory import MemoryDraft
from hfpush.receive.plan import Step
from hfpush.receive.reach import Reach

MIB = 1 << 20
CONTENT = Content("0" * 64, 64 * MIB)
STEP = Step(CONTENT, ("a",), "fetch")


class Table:
    def __init__(self, folder: Path, sources: int = 1, limit: int = 1) -> None:
        place = RepoCache(folder, RepoAddress.parse(Endpoint("h", "http://h"), "ada/model")).snapshot("1" * 40)
        self.now = 0.0
        means = Means(place, tuple(Silent() for _ in range(sources)), clock=lambda: self.now)
        self.board = Board(Desk(means), [], 64)
        self.dealer = Dealer(self.board)
        self.filling = Filling(STEP, 0, MemoryDraft(CONTENT), Budget(RetryPolicy(), CONTENT.size))
        self.board.open.append(self.filling)
        self.reach(limit)

    def reach(self, limit: int) -> None:
        for giver in self.board.givers:
            giver.reach = Reach.start(limit, 64)

    def deal(self) -> tuple[int, int, int] | None:
        givers = self.dealer.roomy()
        stream = self.dealer.fresh(givers) or self.dealer.hurry(givers)
        return None if stream is None else (stream.giver.number, stream.start, stream.stop)


def test_single_stream_asks_for_everything_and_is_cut_when_more_may_come(tmp_path: Path) -> None:
    table = Table(tmp_path)
    assert table.deal() == (0, 0, 64 * MIB)
    assert table.deal() is None
    table.reach(4)
    table.now = 1.0
    stream = table.board.streams[0][0]
    table.filling.draft.write(0, memoryview(bytes(MIB)))
    stream.at = MIB
    table.board.givers[0].rate = 2.0 * MIB
    assert table.deal() == (0, 5 * MIB, 9 * MIB)
    assert stream.stop == 5 * MIB
    assert table.deal() == (0, 9 * MIB, 13 * MIB)


def test_two_sources_begin_side_by_side(tmp_path: Path) -> None:
    table = Table(tmp_path, sources=2)
    assert table.deal() == (0, 0, 4 * MIB)
    assert table.deal() == (1, 4 * MIB, 8 * MIB)


def test_source_that_waits_is_passed_over(tmp_path: Path) -> None:
    table = Table(tmp_path, sources=2)
    first = table.board.givers[0]
    first.standing = replace(first.standing, until=5.0)
    assert (table.deal() or ())[0] == 1
    table.now = 5.0
    assert (table.deal() or ())[0] == 0


@pytest.mark.parametrize("numbers", [{0}, {1}])
def test_source_without_ranges_is_for_empty_drafts(tmp_path: Path, numbers: set[int]) -> None:
    table = Table(tmp_path, sources=2)
    table.filling.plain |= numbers
    table.filling.draft.write(0, memoryview(bytes(MIB)))
    dealt = table.deal()
    assert dealt is not None
    assert dealt[0] not in numbers


def test_draft_may_not_be_asked_for_before_its_time(tmp_path: Path) -> None:
    table = Table(tmp_path)
    table.filling.until = 3.0
    assert table.deal() is None
    table.now = 3.0
    assert table.deal() is not None


def test_one_large_file_after_the_other_is_begun_up_to_four(tmp_path: Path) -> None:
    table = Table(tmp_path, limit=64)
    table.board.steps.extend((number, STEP, 1) for number in range(9))
    givers = table.dealer.roomy()
    for _ in range(3):
        assert table.dealer.next_step(givers) is not None
        table.board.open.append(table.filling)
    assert table.dealer.next_step(givers) is None


def test_two_equal_sources_do_not_leave_the_end_to_each_other(tmp_path: Path) -> None:
    table = Table(tmp_path, sources=2, limit=4)
    table.filling.draft.write(0, memoryview(bytes(62 * MIB)))
    for giver in table.board.givers:
        giver.rate = 0.5 * MIB  # one connection takes four seconds for the rest, the other source with four of them one
    assert table.deal() is not None
