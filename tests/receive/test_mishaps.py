"""Several sources that fail, stall, lie and hold back: what comes is right, or an error says why not."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.given import Body, Drafting

from hfpush.disk.content import Content
from hfpush.disk.draft_names import free_name
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import HfpushError, LeaseExpired, NotFound, Refused, Unavailable
from hfpush.findings import Finding
from hfpush.hub.cache import RepoCache
from hfpush.net.download import AnswerUnfit, Download, RangeUnusable
from hfpush.net.retry import RetryPolicy
from hfpush.receive.engine import carry_out
from hfpush.receive.events import Bytes, Dropped, Event, FileStarted, Waiting
from hfpush.receive.means import Means, Outcome
from hfpush.receive.plan import Plan, Step

SIZE = 1_200_000
DATA = random.Random(7).randbytes(SIZE)
CONTENT = Content(hashlib.sha256(DATA).hexdigest(), SIZE)
STEP = 100_000
CUT = Unavailable(Finding("connection-cut", "cut"))
BUSY = Unavailable(Finding("rate-limited", "busy"), retry_after=2.0)
EXPIRED = LeaseExpired(Finding("lease-refused", "expired"))
UNFIT = AnswerUnfit.of("content-mismatch", "HTML")
NO_RANGE = RangeUnusable.of("range-unusable", "x")
REFUSED = Refused.of("no-permission", "x")
ABSENT = NotFound.of("file-not-found", "x")
Fault = HfpushError | int | str
"""An error at once, a cut after so many bytes, a wrong byte ("lie"), or the whole file for a range ("whole")."""


@dataclass
class Mirror:
    """A source with a list of faults, one per request; after the last it does what `ever` says."""

    name: str
    faults: list[Fault] = field(default_factory=list)
    ever: Fault | None = None
    data: bytes = DATA
    at_open: Callable[[int], object] = lambda start: None

    def __post_init__(self) -> None:
        self.lock, self.asked = threading.Lock(), list[tuple[int, int | None]]()

    def open(self, path: str, content: Content, start: int, stop: int | None = None) -> Download:
        with self.lock:
            self.asked.append((start, stop))
            assert len(self.asked) < 2000
            fault = self.faults.pop(0) if self.faults else self.ever
        self.at_open(start)
        if isinstance(fault, HfpushError):
            raise fault
        end = len(self.data) if stop is None else stop
        if fault == "whole":
            return Body(self.data, 0, whole=True, step=STEP)
        if fault == "lie":
            wrong = bytearray(self.data)
            wrong[start] ^= 1
            return Body(bytes(wrong[start:end]), start, step=STEP)
        if isinstance(fault, int):
            return Body(self.data[start : min(end, start + fault)], start, CUT, step=STEP)
        return Body(self.data[start:end], start, step=STEP)


class Room:
    def __init__(self, folder: Path) -> None:
        repo = RepoAddress.parse(Endpoint("h", "http://h"), "ada/model")
        self.place = Drafting(RepoCache(folder, repo).snapshot("1" * 40))
        self.events: list[Event] = []
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def run(self, *sources: Mirror, jobs: int = 2, attempts: int = 4) -> Outcome:
        policy = RetryPolicy(attempts=attempts, first_wait=1.0)
        means = Means(self.place, sources, self.events.append, policy, sleep=self.sleep, clock=lambda: self.now)
        return carry_out(Plan((Step(CONTENT, ("a",), "fetch"),)), means, jobs=jobs)[0]

    def leave(self, data: bytes) -> None:
        folder = self.place.home("a", CONTENT).folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / free_name(CONTENT.id)).write_bytes(data)

    def right(self) -> bool:
        return self.place.file("a").read_bytes() == DATA

    def dropped(self) -> list[tuple[str, str]]:
        return [(event.source, event.why.reference) for event in self.events if isinstance(event, Dropped)]

    def bar(self) -> int:
        """What a bar shows in the end."""
        have = sum(event.have for event in self.events if isinstance(event, FileStarted))
        return have + sum(event.count for event in self.events if isinstance(event, Bytes))


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


@pytest.mark.parametrize(
    ("fault", "reference"),
    [(UNFIT, "content-mismatch"), (REFUSED, "no-permission")],
)
@pytest.mark.parametrize("bad_first", [True, False])
def test_source_that_only_fails_is_dropped_with_its_reason_and_the_other_brings_all(
    room: Room, fault: HfpushError, reference: str, bad_first: bool
) -> None:
    bad, good = Mirror("bad", ever=fault), Mirror("good")
    outcome = room.run(*((bad, good) if bad_first else (good, bad)), jobs=1)
    assert room.right()
    assert outcome.shares == (("good", SIZE),)
    assert room.dropped() in ([("bad", reference)], [])
    if bad_first:
        assert room.dropped()
    assert room.bar() == SIZE


def test_source_that_dies_in_the_middle_costs_no_byte(room: Room) -> None:
    dying, other = Mirror("dying", [500_000], ever=CUT), Mirror("other", [CUT])
    outcome = room.run(dying, other, jobs=1)
    assert room.right()
    assert outcome.wire == SIZE
    assert sum(count for _, count in outcome.shares) == SIZE


def test_file_that_one_source_lacks_comes_from_the_other_and_nobody_is_dropped(room: Room) -> None:
    assert room.run(Mirror("lacks", ever=ABSENT), Mirror("has"), jobs=1).shares == (("has", SIZE),)
    assert not room.dropped()


def test_file_that_all_lack_is_told_as_missing(room: Room) -> None:
    with pytest.raises(NotFound):
        room.run(Mirror("one", ever=ABSENT), Mirror("two", ever=ABSENT))


def test_source_that_asks_for_time_is_not_dropped_and_nobody_waits_for_it(room: Room) -> None:
    room.run(Mirror("busy", [BUSY]), Mirror("good"), jobs=1)
    assert room.right()
    assert not room.dropped()
    assert not [event for event in room.events if isinstance(event, Waiting)]


def test_all_sources_that_ask_for_time_get_it(room: Room) -> None:
    room.run(Mirror("one", [BUSY]), Mirror("two", [BUSY]), jobs=1)
    assert room.right()
    assert room.now >= 2


@pytest.mark.parametrize("liar_first", [True, False])
def test_liar_is_found_named_and_dropped_and_nothing_wrong_is_shown(room: Room, liar_first: bool) -> None:
    """The honest one is cut after a part, so that both have given something."""
    liar, honest = Mirror("liar", ["lie"], ever="lie"), Mirror("honest", [600_000])
    if liar_first:
        liar.faults = ["lie"]
        liar.data = DATA[:300_000] + bytes(100_000) + DATA[400_000:]
        liar.faults, liar.ever = [600_000], None
        honest.faults = []
        room.run(liar, honest, jobs=1)
    else:
        room.run(honest, liar, jobs=1)
    assert room.right()
    given_by_liar = bool(liar.asked)
    assert room.dropped() == ([("liar", "content-mismatch")] if given_by_liar else [])
    assert room.bar() == SIZE


def test_bytes_of_an_earlier_run_are_doubted_first(room: Room) -> None:
    room.leave(b"x" * 400_000)
    outcome = room.run(Mirror("one"), Mirror("two"))
    assert room.right()
    assert (outcome.how, outcome.wire) == ("fetched", SIZE)
    assert not room.dropped()
    assert room.bar() == SIZE


def test_source_without_ranges_is_no_help_beside_one_that_has_them(room: Room) -> None:
    room.leave(DATA[:400_000])
    outcome = room.run(Mirror("whole", ever="whole"), Mirror("ranges"), jobs=1)
    assert outcome.shares == (("ranges", SIZE - 400_000),)
    assert outcome.how == "resumed"


def test_source_without_ranges_that_is_alone_brings_the_whole_file(room: Room) -> None:
    room.leave(DATA[:400_000])
    outcome = room.run(Mirror("whole", ever="whole"), Mirror("dead", ever=REFUSED), jobs=1)
    assert outcome.shares == (("whole", SIZE),)
    assert room.right()
    assert room.bar() == SIZE


DRAFTS = {
    "none": b"",
    "right": DATA[:300_000],
    "wrong": b"x" * 300_000,
    "one byte wrong": DATA[:200_000] + bytes([DATA[200_000] ^ 1]) + DATA[200_001:700_000],
}
FAULTS = st.one_of(
    st.sampled_from([CUT, BUSY, EXPIRED, UNFIT, NO_RANGE, REFUSED, ABSENT, "lie", "whole"]),
    st.integers(20_000, SIZE),
    st.just(0),
)


@settings(max_examples=120, deadline=None)
@given(
    faults=st.lists(st.lists(FAULTS, max_size=6), min_size=1, max_size=3),
    ever=st.lists(st.one_of(st.none(), FAULTS), min_size=3, max_size=3),
    before=st.sampled_from(sorted(DRAFTS)),
    jobs=st.integers(1, 4),
)
def test_any_faults_of_any_sources_end_with_the_right_bytes_or_an_error(
    tmp_path_factory: pytest.TempPathFactory,
    faults: list[list[Fault]],
    ever: list[Fault | None],
    before: str,
    jobs: int,
) -> None:
    room = Room(tmp_path_factory.mktemp("receive"))
    if before != "none":
        room.leave(DRAFTS[before])
    sources = [Mirror(f"m{number}", list(some), ever[number]) for number, some in enumerate(faults)]
    try:
        outcome = room.run(*sources, jobs=jobs)
    except HfpushError:
        assert not room.place.file("a").exists()
    else:
        assert room.right()
        assert room.bar() == SIZE
        assert sum(count for _, count in outcome.shares) == outcome.wire
        assert outcome.wire <= SIZE * (4 + sum(len(source.asked) for source in sources))
    dropped = [name for name, _ in room.dropped()]
    assert len(dropped) == len(set(dropped)) < len(sources)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.one_of(st.integers(1000, SIZE), st.just(CUT)), max_size=4), min_size=1, max_size=3),
    st.integers(1, 4),
)
def test_cuts_alone_cost_no_byte_twice(
    tmp_path_factory: pytest.TempPathFactory, faults: list[list[Fault]], jobs: int
) -> None:
    room = Room(tmp_path_factory.mktemp("receive"))
    outcome = room.run(*[Mirror(f"m{number}", list(some)) for number, some in enumerate(faults)], jobs=jobs, attempts=9)
    assert room.right()
    assert outcome.wire == SIZE
