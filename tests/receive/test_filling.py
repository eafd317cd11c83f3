"""One content from a scripted source: every answer it can give, and what becomes of the draft."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.given import Body, Drafting

from hfpush.disk.content import Content
from hfpush.disk.draft import Draft, claim
from hfpush.disk.draft_names import Owner, free_name, held_name
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import Damaged, HfpushError, LeaseExpired, Unavailable
from hfpush.findings import Finding
from hfpush.hub.cache import RepoCache
from hfpush.net.download import AnswerUnfit, Download, RangeUnusable
from hfpush.net.retry import RetryPolicy
from hfpush.receive.board import Board
from hfpush.receive.crew import Crew
from hfpush.receive.desk import Desk
from hfpush.receive.engine import carry_out
from hfpush.receive.events import Event, FileStarted, Waiting
from hfpush.receive.means import Means, Outcome, Stopped
from hfpush.receive.plan import Plan, Step

DATA = os.urandom(1000)
CONTENT = Content(hashlib.sha256(DATA).hexdigest(), len(DATA))
CUT = Unavailable(Finding("connection-cut", "cut"))
EXPIRED = LeaseExpired(Finding("lease-refused", "expired"))
Script = Callable[[int], "Body | HfpushError"]


def rest(start: int) -> Body:
    return Body(DATA[start:], start)


def cut_at(stop: int) -> Script:
    return lambda start: Body(DATA[start : max(start, stop)], start, CUT)


def whole(start: int) -> Body:
    return Body(DATA)


class Scripted:
    """A source that follows a script, an answer per request; its last answer is given again and again."""

    name = "script"

    def __init__(self, *script: Script | HfpushError) -> None:
        self.script, self.starts = list(script), list[int]()

    def open(self, path: str, content: Content, start: int, stop: int | None = None) -> Download:
        self.starts.append(start)
        assert len(self.starts) < 100
        step = self.script[min(len(self.starts), len(self.script)) - 1]
        answer = step if isinstance(step, HfpushError) else step(start)
        if isinstance(answer, HfpushError):
            raise answer
        return answer


class Room:
    """A cache, and a clock that sleeping moves."""

    def __init__(self, folder: Path) -> None:
        repo = RepoAddress.parse(Endpoint("h", "http://h"), "ada/model")
        self.place = Drafting(RepoCache(folder, repo).snapshot("1" * 40))
        self.events: list[Event] = []
        self.now = 0.0
        self.at_wait: Callable[[], None] = lambda: None

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.at_wait()

    def means(self, source: Scripted, attempts: int = 3) -> Means:
        policy = RetryPolicy(attempts=attempts, first_wait=1.0)
        return Means(self.place, (source,), self.events.append, policy, sleep=self.sleep, clock=lambda: self.now)

    def run(self, *script: Script | HfpushError, attempts: int = 3) -> Outcome:
        self.source = Scripted(*script)
        return only(self.means(self.source, attempts), Step(CONTENT, ("a", "b/c"), "fetch"))

    def leave(self, data: bytes, name: str = "") -> None:
        folder = self.place.home("a", CONTENT).folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / (name or free_name(CONTENT.id))).write_bytes(data)

    def drafts(self) -> list[int]:
        folder = self.place.home("a", CONTENT).folder
        return [path.stat().st_size for path in folder.glob("*.hfpush-draft")]

    def complete(self) -> bool:
        return all(self.place.file(path).read_bytes() == DATA for path in ("a", "b/c")) and not self.drafts()


def only(means: Means, step: Step) -> Outcome:
    """What became of one step."""
    return carry_out(Plan((step,)), means, jobs=1)[0]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def test_plain_fetch(room: Room) -> None:
    outcome = room.run(rest)
    assert (outcome.how, outcome.wire, room.source.starts) == ("fetched", 1000, [0])
    assert room.complete()


def test_each_attempt_goes_on_where_the_last_one_stopped(room: Room) -> None:
    outcome = room.run(cut_at(300), cut_at(300), cut_at(700), rest)
    assert (outcome.wire, room.source.starts) == (1000, [0, 300, 300, 700])
    assert room.complete()
    assert [event.seconds for event in room.events if isinstance(event, Waiting)] == [1.0, 2.0, 1.0]


def test_attempts_without_progress_are_counted(room: Room) -> None:
    with pytest.raises(Unavailable):
        room.run(cut_at(300), CUT, attempts=3)
    assert room.source.starts == [0, 300, 300]
    assert room.drafts() == [300]


def test_draft_from_before_is_resumed(room: Room) -> None:
    room.leave(DATA[:400])
    outcome = room.run(rest)
    assert (outcome.how, outcome.wire, room.source.starts) == ("resumed", 600, [400])
    assert FileStarted("a", 1000, 400) in room.events
    assert room.complete()


def test_complete_draft_asks_nobody(room: Room) -> None:
    room.leave(DATA)
    outcome = room.run(CUT)
    assert (outcome.how, outcome.wire, room.source.starts) == ("resumed", 0, [])
    assert room.complete()


@pytest.mark.parametrize("wrong", [b"x" * 400, DATA[:399] + b"\0" + DATA[400:401], b"x" * 1000])
def test_wrong_draft_is_thrown_away_and_the_whole_fetched(room: Room, wrong: bytes) -> None:
    room.leave(wrong)
    outcome = room.run(rest)
    assert outcome.how == "fetched"
    assert room.source.starts[-1] == 0
    assert room.complete()


def test_whole_file_in_place_of_the_rest_is_taken_from_its_first_byte(room: Room) -> None:
    room.leave(b"x" * 400)
    assert room.run(whole).wire == 1000
    assert room.complete()


def test_whole_file_that_is_cut_before_the_draft_loses_nothing(room: Room) -> None:
    room.leave(DATA[:400])
    outcome = room.run(lambda start: Body(DATA[:100], 0, CUT), rest)
    assert room.source.starts == [400, 400]
    assert outcome.wire == 700
    assert room.complete()


def test_server_that_gives_the_beginning_again_and_again_comes_to_an_end(room: Room) -> None:
    with pytest.raises(Unavailable):
        room.run(lambda start: Body(DATA[:500], 0, CUT), attempts=3)
    assert len(room.source.starts) == 3


def test_unusable_range_is_followed_by_a_plain_request(room: Room) -> None:
    room.leave(DATA[:400])
    room.run(RangeUnusable.of("range-unusable", "x"), whole)
    assert room.source.starts == [400, 0]
    assert room.complete()


def test_unusable_answer_to_a_plain_request_ends_it(room: Room) -> None:
    room.leave(DATA[:400])
    with pytest.raises(RangeUnusable):
        room.run(RangeUnusable.of("range-unusable", "x"))
    assert room.drafts() == [400]


def test_unfit_answer_is_asked_for_once_more_and_the_draft_stays(room: Room) -> None:
    room.leave(DATA[:400])
    room.run(AnswerUnfit.of("content-mismatch", "x"), rest)
    assert room.source.starts == [400, 400]
    assert room.complete()


def test_unfit_answers_end_it(room: Room) -> None:
    with pytest.raises(AnswerUnfit):
        room.run(AnswerUnfit.of("content-mismatch", "x"))
    assert len(room.source.starts) == 2


def test_wrong_bytes_are_fetched_once_more_and_then_given_up(room: Room) -> None:
    with pytest.raises(Damaged) as error:
        room.run(lambda start: Body(b"x" * (1000 - start), start))
    assert error.value.finding.reference == "content-mismatch"
    assert room.source.starts == [0, 0]
    assert room.drafts() == []
    assert not room.place.file("a").exists()


def test_wrong_bytes_once_are_an_accident(room: Room) -> None:
    outcome = room.run(lambda start: Body(b"x" * 1000), rest)
    assert (outcome.how, outcome.wire) == ("fetched", 2000)
    assert room.complete()


def test_expired_lease_is_renewed_at_once(room: Room) -> None:
    room.run(cut_at(500), EXPIRED, rest)
    assert room.source.starts == [0, 500, 500]
    assert room.complete()


def test_leases_that_never_work_end_with_a_reason(room: Room) -> None:
    with pytest.raises(Unavailable) as error:
        room.run(EXPIRED, attempts=3)
    assert error.value.finding.reference == "lease-refused"
    assert "download" in error.value.finding.message
    assert len(room.source.starts) == 3


@settings(max_examples=60)
@given(
    st.lists(st.one_of(st.integers(0, 1000), st.sampled_from(["expired", "range", "whole", "short whole"])), max_size=8)
)
def test_any_order_of_accidents_ends_complete_or_with_a_draft(
    tmp_path_factory: pytest.TempPathFactory, accidents: list[int | str]
) -> None:
    room = Room(tmp_path_factory.mktemp("receive"))
    named: dict[str, Script | HfpushError] = {
        "expired": EXPIRED,
        "range": lambda start: RangeUnusable.of("range-unusable", "x") if start else rest(0),
        "whole": whole,
        "short whole": lambda start: Body(DATA[:200], 0, CUT),
    }
    script = [named[what] if isinstance(what, str) else cut_at(what) for what in accidents]
    room.run(*script, rest, attempts=20)
    assert room.complete()


def test_steps_that_need_no_byte_ask_for_none(room: Room) -> None:
    room.run(rest)
    source = Scripted(CUT)
    means = room.means(source)
    assert only(means, Step(CONTENT, ("a", "b/c"), "keep")).how == "kept"
    assert only(means, Step(CONTENT, ("a", "d"), "place")).how == "kept"
    assert only(means, Step(CONTENT, ("a", "e"), "check", 0, ("a",))).how == "kept"
    assert room.place.file("d").read_bytes() == room.place.file("e").read_bytes() == DATA
    assert source.starts == []


def test_file_that_fails_its_check_is_fetched(room: Room) -> None:
    room.place.file("a").parent.mkdir(parents=True)
    room.place.file("a").write_bytes(b"x" * 999)
    assert only(room.means(Scripted(rest)), Step(CONTENT, ("a",), "check", 0, ("a",))).how == "fetched"
    assert room.place.file("a").read_bytes() == DATA


# ------------------------------------------------------------------ other processes


def test_content_that_another_process_brings_while_we_wait_is_taken(room: Room) -> None:
    other = claim(room.place.home("a", CONTENT))
    assert isinstance(other, Draft)

    def finish() -> None:
        if room.now > 2 and not room.place.file("a").exists():
            other.write(0, memoryview(DATA))
            room.place.put(CONTENT, ["a"], other)

    room.at_wait = finish
    outcome = room.run(CUT)
    assert (outcome.how, outcome.wire, room.source.starts) == ("kept", 0, [])
    assert any(isinstance(event, Waiting) and event.why.reference == "busy-elsewhere" for event in room.events)
    assert room.complete()


def test_process_that_does_nothing_is_not_waited_for_long(room: Room) -> None:
    other = claim(room.place.home("a", CONTENT))
    assert isinstance(other, Draft)
    outcome = room.run(rest)
    assert outcome.how == "fetched"
    assert 90 <= room.now < 100
    other.discard()
    assert room.complete()


def test_process_that_still_writes_is_waited_for(room: Room) -> None:
    other = claim(room.place.home("a", CONTENT))
    assert isinstance(other, Draft)

    def go_on() -> None:
        other.write(other.length, memoryview(b"y"))
        if room.now > 300:
            room.at_wait = lambda: None
            other.discard()

    room.at_wait = go_on
    assert room.run(rest).how == "fetched"
    assert room.now > 300
    assert room.complete()


def test_draft_of_another_host_is_gone_on_with_when_it_is_quiet(room: Room) -> None:
    room.leave(DATA[:600], held_name(CONTENT.id, Owner("0" * 8, 1)))
    assert room.run(rest).wire == 400
    assert room.now >= 90


def test_draft_that_is_taken_over_while_we_sleep_is_begun_anew(room: Room) -> None:
    folder = room.place.home("a", CONTENT).folder

    def forget() -> None:
        for path in folder.glob("*.hfpush-draft"):
            path.unlink()

    def steal(start: int) -> Body:
        for path in folder.glob("*.hfpush-draft"):
            path.rename(folder / held_name(CONTENT.id, Owner("0" * 8, 1)))
        room.at_wait = forget
        return rest(start)

    outcome = room.run(steal, rest)
    assert outcome.how == "fetched"
    assert room.complete()


def test_waiting_gives_signs_of_life(room: Room) -> None:
    draft = claim(room.place.home("a", CONTENT))
    assert isinstance(draft, Draft)
    os.utime(draft.path, (1, 1))
    naps: list[float] = []
    means = Means(room.place, (Scripted(rest),), sleep=naps.append)
    Desk(means).wait(35.0, "a", CUT.finding, draft.touch)
    assert naps == [10.0, 10.0, 10.0, 5.0]
    assert draft.path.stat().st_mtime > 1
    draft.discard()


# ------------------------------------------------------------------ stopping


def test_stop_ends_a_wait_at_once_and_leaves_the_draft(room: Room) -> None:
    """As a signal does: the observer, which hears of the wait, is where it strikes."""

    def observe(event: Event) -> None:
        if isinstance(event, Waiting):
            raise Stopping

    policy = RetryPolicy(first_wait=60.0, longest_wait=60.0)
    began = time.monotonic()
    with pytest.raises(Stopping):
        only(Means(room.place, (Scripted(cut_at(300), CUT),), observe, policy), Step(CONTENT, ("a",), "fetch"))
    assert time.monotonic() - began < 30
    assert room.drafts() == [300]


def test_stop_aborts_what_is_being_received_and_nothing_begins_after_it(room: Room) -> None:
    given, bodies = threading.Event(), list[Body]()

    def hang(start: int) -> Body:
        def wait(at: int) -> None:
            if at >= 300:
                given.set()
                while not body.aborted:
                    time.sleep(0.001)
                raise CUT

        body = Body(DATA[start:], start, at_step=wait)
        bodies.append(body)
        return body

    source = Scripted(hang)
    desk = Desk(room.means(source))
    board = Board(desk, [Step(CONTENT, ("a",), "fetch")], 1)
    crew = Crew(board)
    worker = threading.Thread(target=crew.work)
    worker.start()
    assert given.wait(60)
    desk.stop()
    bodies[0].abort()
    worker.join(60)
    crew.close()
    assert room.drafts() == [300]
    assert len(source.starts) == 1
    with pytest.raises(Stopped):
        desk.wait(60.0, "a", CUT.finding)


class Stopping(BaseException):
    """Stands for a KeyboardInterrupt, which pytest would take for its own."""
