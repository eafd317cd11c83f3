"""The engine against a source of its own making: what ends the work, and what does not."""

from __future__ import annotations

import hashlib
import itertools
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.given import Body

from hfpush.disk.content import Content
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import Damaged, HfpushError, NotFound, Refused, Unavailable
from hfpush.hub.cache import RepoCache, Snapshot
from hfpush.hub.tree import TreeFile
from hfpush.lfs.pointer import Pointer
from hfpush.net.download import Download
from hfpush.net.retry import RetryPolicy
from hfpush.receive.engine import carry_out
from hfpush.receive.events import Event, FileDone, Planned
from hfpush.receive.means import Means
from hfpush.receive.plan import Plan, make_plan

FILES = {f"file{number}": bytes([number]) * (1000 + number) for number in range(6)}
TREE = [TreeFile(p, len(d), "b" * 40, Pointer(hashlib.sha256(d).hexdigest(), len(d))) for p, d in FILES.items()]


class Shelf:
    """A source that has FILES, and `failures` for some of them."""

    name = "shelf"

    def __init__(self, failures: dict[str, HfpushError] | None = None, wait: Callable[[], None] = lambda: None) -> None:
        self.failures, self.wait, self.asked = failures or {}, wait, list[str]()

    def open(self, path: str, content: Content, start: int, stop: int | None = None) -> Download:
        self.asked.append(path)
        if path in self.failures:
            raise self.failures[path]
        return Body(FILES[path][start:], start, at_step=lambda at: at == start and self.wait(), step=10_000)


@pytest.fixture
def place(tmp_path: Path) -> Snapshot:
    return RepoCache(tmp_path, RepoAddress.parse(Endpoint("h", "http://h"), "ada/model")).snapshot("1" * 40)


def plan_for(place: Snapshot) -> Plan:
    return make_plan(TREE, presence=place.presence, drafted=lambda path, content: 0)


def means(place: Snapshot, shelf: Shelf, events: list[Event] | None = None) -> Means:
    observer = (lambda event: None) if events is None else events.append
    return Means(place, (shelf,), observer, RetryPolicy(attempts=2, first_wait=0.0), sleep=lambda seconds: None)


@pytest.mark.parametrize("jobs", [1, 4, 50])
def test_outcomes_come_in_the_order_of_the_plan(place: Snapshot, jobs: int) -> None:
    events: list[Event] = []
    outcomes = carry_out(plan_for(place), means(place, Shelf(), events), jobs=jobs)
    assert [outcome.step.paths[0] for outcome in outcomes] == sorted(FILES, reverse=True)
    assert events[0] == Planned(6, sum(map(len, FILES.values())), sum(map(len, FILES.values())))
    assert sorted(event.path for event in events if isinstance(event, FileDone)) == sorted(FILES)
    assert all(place.file(path).read_bytes() == data for path, data in FILES.items())


def test_empty_plan_is_done(place: Snapshot) -> None:
    assert carry_out(Plan(()), means(place, Shelf())) == ()


def test_no_more_than_jobs_at_a_time(place: Snapshot) -> None:
    lock, now, most, threads = threading.Lock(), 0, 0, set[int]()
    all_there = threading.Barrier(2, timeout=60)  # neither of the first two goes on before they are in here together
    asked = itertools.count()

    def wait() -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
            threads.add(threading.get_ident())
        if next(asked) < 2:
            all_there.wait()
        with lock:
            now -= 1

    carry_out(plan_for(place), means(place, Shelf(wait=wait)), jobs=2)
    assert most == 2
    assert len(threads) == 2


@pytest.mark.parametrize("kind", [Damaged, NotFound])
def test_failure_of_single_files_lets_the_others_come(place: Snapshot, kind: type[HfpushError]) -> None:
    shelf = Shelf({"file1": kind.of("bad", "Bad."), "file4": kind.of("bad", "Bad.")})
    with pytest.raises(kind) as error:
        carry_out(plan_for(place), means(place, shelf), jobs=2)
    assert error.value.finding.evidence == ("the same goes for 1 other file",)
    assert place.names() == ["file0", "file2", "file3", "file5"]


@pytest.mark.parametrize("kind", [Refused, Unavailable])
def test_failure_that_concerns_all_stops_at_once(place: Snapshot, kind: type[HfpushError]) -> None:
    shelf = Shelf({"file5": kind.of("no", "No.")}, wait=lambda: time.sleep(0.05))
    with pytest.raises(kind):
        carry_out(plan_for(place), means(place, shelf), jobs=2)
    assert len(place.names()) < 5


def test_fault_of_our_own_reaches_the_caller(place: Snapshot) -> None:
    def observer(event: Event) -> None:
        if isinstance(event, FileDone):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        carry_out(plan_for(place), Means(place, (Shelf(),), observer), jobs=2)
