from __future__ import annotations

from pathlib import Path

import pytest
from support.given import Silent

from hfpush.disk.content import Content
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import Damaged, HfpushError, NotFound, Refused
from hfpush.findings import Finding
from hfpush.hub.cache import RepoCache
from hfpush.receive.board import Board
from hfpush.receive.desk import Desk
from hfpush.receive.events import Dropped, Event
from hfpush.receive.means import Means, Outcome
from hfpush.receive.plan import Step

WHY = Finding("x", "X.")
STEPS = [Step(Content(str(number) * 64, 5_000_000), (f"f{number}",), "fetch") for number in range(6)]


def board(folder: Path, events: list[Event], *, sources: int = 2, jobs: int = 8, steps: int = 6) -> Board:
    place = RepoCache(folder, RepoAddress.parse(Endpoint("h", "http://h"), "ada/model")).snapshot("1" * 40)
    means = Means(place, tuple(Silent() for _ in range(sources)), events.append)
    return Board(Desk(means), STEPS[:steps], jobs)


@pytest.mark.parametrize(
    ("sources", "jobs", "steps", "limit"), [(1, 64, 1, 1), (2, 64, 1, 2), (1, 64, 6, 4), (2, 64, 6, 8), (2, 3, 6, 3)]
)
def test_it_begins_with_a_request_for_each_file_but_few(
    tmp_path: Path, sources: int, jobs: int, steps: int, limit: int
) -> None:
    assert board(tmp_path, [], sources=sources, jobs=jobs, steps=steps).limit == limit


def test_dropped_source_is_told_once_and_the_last_one_stays(tmp_path: Path) -> None:
    events: list[Event] = []
    found = board(tmp_path, events)
    one, two = found.givers
    with found.lock:
        found.drop(one, WHY)
        found.drop(one, WHY)
        found.drop(two, WHY)
    assert events == [Dropped(one.name, WHY)]
    assert found.working == [two]


@pytest.mark.parametrize(("kind", "ends"), [(Damaged, False), (NotFound, False), (Refused, True)])
def test_only_what_concerns_all_ends_everything(tmp_path: Path, kind: type[HfpushError], ends: bool) -> None:
    found = board(tmp_path, [])
    failure = kind.of("x", "X.")
    found.result(2, failure)
    assert found.results[2] is failure
    assert (found.failure is failure) is found.over is ends


def test_it_is_over_when_every_step_has_ended(tmp_path: Path) -> None:
    found = board(tmp_path, [], steps=2)
    found.result(1, Outcome(STEPS[1], "kept"))
    assert not found.over
    found.result(0, Outcome(STEPS[0], "kept"))
    assert found.over
