"""One request: how it ends, and that nothing comes after it was given up."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from support.given import Body

from hfpush.disk.content import Content
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import Unavailable
from hfpush.findings import Finding
from hfpush.hub.cache import RepoCache
from hfpush.net.download import Download
from hfpush.net.retry import RetryPolicy
from hfpush.receive.budget import Budget
from hfpush.receive.desk import Desk
from hfpush.receive.events import Bytes, Event
from hfpush.receive.filling import Filling
from hfpush.receive.giver import Giver
from hfpush.receive.means import Means
from hfpush.receive.memory import MemoryDraft
from hfpush.receive.plan import Step
from hfpush.receive.reach import Reach
from hfpush.receive.stream import Stream, Unwanted

DATA = bytes(range(250)) * 4
CONTENT = Content(hashlib.sha256(DATA).hexdigest(), len(DATA))


class One:
    """A source that gives one body."""

    name = "one"

    def __init__(self, body: Body) -> None:
        self.body, self.asked = body, list[tuple[int, int | None]]()

    def open(self, path: str, content: Content, start: int, stop: int | None = None) -> Download:
        self.asked.append((start, stop))
        return self.body


class Bench:
    def __init__(self, folder: Path) -> None:
        place = RepoCache(folder, RepoAddress.parse(Endpoint("h", "http://h"), "ada/model")).snapshot("1" * 40)
        self.events: list[Event] = []
        self.desk = Desk(Means(place, (), self.events.append))
        step = Step(CONTENT, ("a",), "fetch")
        self.filling = Filling(step, 0, MemoryDraft(CONTENT), Budget(RetryPolicy(), len(DATA)))

    def stream(self, body: Body, start: int = 0, stop: int = len(DATA), *, takes: bool = False) -> Stream:
        self.source = One(body)
        giver = Giver(0, self.source, Reach.start(1, 1))
        return Stream(self.desk, self.filling, giver, start, stop, takes_whole=lambda stream: takes)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_it_brings_its_stretch_and_tells_of_every_byte_once(bench: Bench) -> None:
    stream = bench.stream(Body(DATA[200:700], 200), 200, 700)
    stream.run()
    assert bench.source.asked == [(200, 700)]
    assert bench.filling.there.parts == ((200, 700),)
    assert sum(event.count for event in bench.events if isinstance(event, Bytes)) == stream.wire == 500


def test_it_ends_where_it_was_shortened(bench: Bench) -> None:
    body = Body(DATA)
    stream = bench.stream(body)
    body.at_step = lambda at: at == 300 and stream.shorten(450)
    stream.run()
    assert (stream.at, bench.filling.there.parts) == (450, ((0, 450),))


def test_nothing_comes_after_it_was_given_up(bench: Bench) -> None:
    body = Body(DATA)
    stream = bench.stream(body)
    body.at_step = lambda at: at == 300 and stream.give_up()
    with pytest.raises(Unwanted):
        stream.run()
    assert bench.filling.there.parts == ((0, 300),)
    assert body.aborted


def test_body_that_ends_early_is_a_failure(bench: Bench) -> None:
    with pytest.raises(Unavailable):
        bench.stream(Body(DATA[:300])).run()
    assert bench.filling.there.total == 300


def test_failure_of_one_that_is_not_wanted_is_none(bench: Bench) -> None:
    body = Body(DATA[:300], failure=Unavailable(Finding("connection-cut", "cut")))
    stream = bench.stream(body)
    body.at_step = lambda at: at == 200 and stream.give_up()
    with pytest.raises(Unwanted):
        stream.run()


def test_whole_file_for_a_range_is_not_taken_where_it_is_no_use(bench: Bench) -> None:
    stream = bench.stream(Body(DATA, whole=True), 200, 700)
    with pytest.raises(Unwanted):
        stream.run()
    assert stream.giver.whole_only
    assert bench.filling.there.total == 0
