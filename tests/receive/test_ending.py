"""How a file ends, without a request; test_filling.py and test_mishaps.py have whole fetches."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.given import Drafting, Silent

from hfpush.disk.content import Content
from hfpush.disk.draft import Draft
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import Busy, Damaged, HfpushError, Refused
from hfpush.hub.cache import RepoCache
from hfpush.receive.board import Board
from hfpush.receive.budget import Budget
from hfpush.receive.claiming import claimed
from hfpush.receive.desk import Desk
from hfpush.receive.ending import Ending
from hfpush.receive.events import Event, FileDone
from hfpush.receive.filling import Filling
from hfpush.receive.giver import Giver
from hfpush.receive.means import Means, Outcome
from hfpush.receive.memory import MemoryDraft
from hfpush.receive.plan import Step

DATA = b"0123456789" * 100
SIZE = len(DATA)
CONTENT = Content(hashlib.sha256(DATA).hexdigest(), SIZE)
STEP = Step(CONTENT, ("a",), "fetch")
LOST = Busy.of("draft-lost", "x")


@dataclass
class Brought:
    """Stands for a stream that has put in what lies from `settled` to `at`."""

    giver: Giver
    settled: int
    at: int


class Table:
    """One file, which is open; `in_memory` as small ones are, which come together."""

    def __init__(self, folder: Path, *, sources: int = 1, in_memory: bool = False, claims: int = 1) -> None:
        self.place = RepoCache(folder, RepoAddress.parse(Endpoint("h", "http://h"), "ada/model")).snapshot("1" * 40)
        self.events: list[Event] = []
        place = self.place if in_memory else Drafting(self.place)
        desk = Desk(Means(place, tuple(Silent() for _ in range(sources)), self.events.append))
        self.board = Board(desk, [STEP], 1)
        self.board.steps.clear()
        self.ending = Ending(self.board)
        draft = MemoryDraft(CONTENT) if in_memory else claimed(STEP, desk)
        assert draft is not None
        self.filling = Filling(STEP, 0, draft, Budget(desk.means.policy, SIZE), claims)
        self.board.open.append(self.filling)

    def bring(self, data: bytes, start: int = 0, giver: int = 0) -> None:
        stream = Brought(self.board.givers[giver], start, start)
        self.filling.take_in(stream, start, memoryview(data))
        stream.at += len(data)
        self.filling.settle(stream)
        self.filling.wire[giver] += len(data)

    @property
    def result(self) -> Outcome | HfpushError | None:
        return self.board.results[0]


def test_right_bytes_are_shown_and_told_with_who_brought_them(tmp_path: Path) -> None:
    table = Table(tmp_path, sources=2)
    table.bring(DATA[:300])
    table.bring(DATA[300:], 300, giver=1)
    table.ending.finish(table.filling)
    assert table.result == Outcome(STEP, "fetched", SIZE, (("silent", 300), ("silent", SIZE - 300)))
    assert table.place.file("a").read_bytes() == DATA
    assert table.events == [FileDone("a", SIZE, "fetched")]
    assert table.board.open == []


def test_small_file_has_ended_once_it_is_shown_with_the_others(tmp_path: Path) -> None:
    table = Table(tmp_path, in_memory=True)
    table.bring(DATA)
    table.ending.finish(table.filling)
    assert (table.result, table.board.unflushed) == (None, 1)
    assert table.ending.takes_small is not None
    table.ending.takes_small.flush()
    assert (isinstance(table.result, Outcome), table.board.unflushed) == (True, 0)


def test_wrong_bytes_of_the_only_source_are_fetched_once_more(tmp_path: Path) -> None:
    table = Table(tmp_path)
    for _ in range(2):
        assert table.result is None
        table.bring(bytes(SIZE))
        table.ending.finish(table.filling)
        assert table.filling.total == 0
    assert isinstance(table.result, Damaged)
    assert not table.place.file("a").exists()


def test_wrong_bytes_of_two_are_fetched_from_the_one_to_believe(tmp_path: Path) -> None:
    table = Table(tmp_path, sources=2)
    table.bring(DATA[:300])
    table.bring(bytes(SIZE - 300), 300, giver=1)
    table.ending.finish(table.filling)
    assert (table.filling.total, table.filling.ask, table.result) == (300, frozenset({0}), None)
    table.bring(DATA[300:], 300)
    table.ending.finish(table.filling)
    assert isinstance(table.result, Outcome)
    assert [giver.number for giver in table.board.givers if giver.standing.dropped] == [1]


def test_file_that_is_lost_has_one_end(tmp_path: Path) -> None:
    table = Table(tmp_path)
    why = Refused.of("no-permission", "x")
    table.ending.lost(table.filling, why)
    table.ending.lost(table.filling, Refused.of("no-permission", "y"))
    assert table.result is why
    assert (table.board.left, table.board.open) == (0, [])


@pytest.mark.parametrize("shown", [True, False], ids=["when it is shown", "while it is filled"])
def test_draft_that_another_process_took_is_begun_anew(tmp_path: Path, shown: bool) -> None:
    table = Table(tmp_path)
    table.bring(DATA)
    if shown:
        assert isinstance(table.filling.draft, Draft)
        table.filling.draft.path.unlink()
        table.ending.finish(table.filling)
    else:
        table.ending.lost(table.filling, LOST)
    assert table.result is None
    assert list(table.board.steps) == [(0, STEP, 2)]


def test_draft_that_is_taken_time_and_again_is_given_up(tmp_path: Path) -> None:
    table = Table(tmp_path, claims=5)
    table.ending.lost(table.filling, LOST)
    assert isinstance(table.result, Busy)
    assert not table.board.steps
