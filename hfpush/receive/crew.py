"""The work on one fetch: take a task, do it, take the next one.

A task is to begin a step, to bring a stretch, or to wait. Whoever puts the last byte into a file verifies it and shows
it. Who brings what, dealing.py says; what a failure means, mishaps.py; whose bytes are wrong, suspects.py; how many
workers there are, engine.py sees to.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from hfpush.disk.draft import Draft, sweep
from hfpush.errors import Busy, HfpushError, LocalTrouble
from hfpush.findings import Finding
from hfpush.receive.board import Board
from hfpush.receive.budget import Budget
from hfpush.receive.claiming import claimed, kept
from hfpush.receive.dealing import Dealer
from hfpush.receive.events import Bytes, FileDone, FileStarted, How
from hfpush.receive.filling import Filling, mismatch
from hfpush.receive.giver import Giver
from hfpush.receive.means import Outcome, Stopped
from hfpush.receive.memory import LIGHT_BYTES, MemoryDraft, TakesSmall
from hfpush.receive.mishaps import Mishaps
from hfpush.receive.plan import Step
from hfpush.receive.stream import Stream, Unwanted
from hfpush.receive.suspects import guilty, next_doubt

Task = Callable[[], None]
_CLAIMS = 5
_IDLE_SECONDS = 0.25
_WORTHWHILE = 64 * 1024
_PAUSE = Finding("hub-unavailable", "Every source asks us to wait.", severity="note")


class Crew:
    """`work` is what each worker does; `mishaps` is for whoever watches."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._desk = board.desk
        self._place = place = board.desk.means.place
        self._takes_small = place if isinstance(place, TakesSmall) else None
        self._dealer = Dealer(board)
        self.mishaps = Mishaps(board, self._lost)
        self._idle = 0

    def work(self) -> None:
        """Take tasks until there will be none."""
        board = self._board
        while True:
            with board.lock:
                task = self._take()
            if task is None:
                return
            try:
                task()
            except Stopped:
                pass  # whoever asked for it knows
            except BaseException as failure:  # noqa: BLE001  (raised by whoever waits for the work)
                board.end(failure)
            with board.lock:
                board.active -= 1
                if board.over:
                    board.work_waits.notify_all()
                    board.ended.notify_all()

    def close(self) -> None:
        """Leave what is not finished to a later run. Nobody works any more, or what he does is not wanted."""
        with self._board.lock:
            left, self._board.open = self._board.open, []
            for filling in left:
                self._board.dismiss(filling)
        for filling in left:
            filling.close()
        if self._takes_small is not None:
            with suppress(HfpushError):  # the work has ended with a failure of its own; these stay as drafts
                self._takes_small.flush()

    # -- which task -------------------------------------------------------------------------------------------------

    def _take(self) -> Task | None:
        board = self._board
        while not board.over:
            task = self._find() if board.roomy else None
            if task is not None:
                board.active += 1
                if self._idle and board.roomy:
                    board.work_waits.notify()  # there may be more of it
                return task
            self._idle += 1
            board.work_waits.wait(_IDLE_SECONDS)
            self._idle -= 1
        return None

    def _find(self) -> Task | None:
        givers = self._dealer.roomy()
        stream = self._dealer.fresh(givers)
        if stream is None:
            step = self._dealer.next_step(givers)
            if step is not None:
                return partial(self._begin, *step)
            stream = self._dealer.hurry(givers)
        if stream is not None:
            return partial(self._bring, stream)
        return self._wait() or self._flush()

    def _flush(self) -> Task | None:
        """Where nothing else is left to do: have the small files shown that wait for others."""
        board, place = self._board, self._takes_small
        if place is None or not board.unflushed or board.flushing or board.open or board.steps:
            return None
        board.flushing = True
        return partial(self._flush_now, place)

    def _flush_now(self, place: TakesSmall) -> None:
        try:
            place.flush()
        finally:
            with self._board.lock:
                self._board.flushing = False

    def _wait(self) -> Task | None:
        """A wait for a file for which nothing can be done before a certain time."""
        now = self._desk.now
        for filling in self._board.open:
            if filling.ended or self._board.streams[filling.number] or filling.waited_for:
                continue
            able = [one.standing.until for one in self._board.givers if self._dealer.may_bring(filling, one)]
            until = max(filling.until, min(able, default=0.0))
            if until > now:
                filling.waited_for = True
                return partial(self._wait_for, filling, until - now, until)
        return None

    def _wait_for(self, filling: Filling, seconds: float, until: float) -> None:
        try:
            self._desk.wait(seconds, filling.path, filling.why or _PAUSE, filling.draft.touch)
        finally:
            with self._board.lock:
                filling.waited_for, filling.until = False, 0.0
                for giver in self._board.givers:
                    if giver.standing.until <= until:
                        giver.standing = giver.standing.rested()
                self._board.work_waits.notify()

    # -- the tasks --------------------------------------------------------------------------------------------------

    def _begin(self, number: int, step: Step, claims: int) -> None:
        try:
            self._desk.check()
            draft: Draft | MemoryDraft | None = None
            if not kept(step, self._desk):
                draft = MemoryDraft(step.content) if self._is_light(step) else claimed(step, self._desk)
        except HfpushError as failure:
            self._board.result(number, failure)
            return
        if draft is None:
            self._done(number, Outcome(step, "kept"))
            return
        budget = Budget(self._desk.means.policy, step.content.size, draft.have.total)
        filling = Filling(step, number, draft, budget, claims)
        with self._board.lock:
            self._board.open.append(filling)
            filling.ended = complete = filling.complete
        self._desk.tell(FileStarted(filling.path, step.content.size, filling.total))
        if complete:
            self._finish(filling)

    def _is_light(self, step: Step) -> bool:
        light = 0 < step.content.size <= LIGHT_BYTES and step.have == 0
        return light and self._takes_small is not None

    def _bring(self, stream: Stream) -> None:
        """Carry out one request, and whatever follows from how it ended."""
        failure: HfpushError | None = None
        filling, board = stream.filling, self._board
        try:
            self._desk.check()
            stream.run()
        except Unwanted:
            pass  # somebody else brings it
        except HfpushError as error:
            self._desk.check()
            failure = error
        finally:
            with board.lock:
                wanted = stream.wanted
                board.stuck -= stream.stuck
                board.leave(stream)
        with board.lock:
            if failure is not None and wanted and not filling.ended:
                self.mishaps.failed(stream, failure)
            elif stream.wire >= min(_WORTHWHILE, filling.content.size):
                stream.giver.standing = stream.giver.standing.brought()
            if filling.ended or not filling.complete:
                return
            board.dismiss(filling)
            if self._idle and not stream.small:  # what follows takes a while
                board.work_waits.notify()
        self._finish(filling)

    def _finish(self, filling: Filling) -> None:
        """All bytes are there, and nobody brings more: verify them, and show them or doubt them."""
        try:
            right = filling.follower.matches()
        except LocalTrouble as failure:
            self._lost(filling, failure)
            return
        self._desk.check()
        if not right:
            self._doubt(filling)
            return
        how: How = "resumed" if filling.kept_earlier else "fetched"
        brought = [(self._board.givers[number].name, count) for number, count in sorted(filling.wire.items()) if count]
        outcome = Outcome(filling.step, how, sum(filling.wire.values()), tuple(brought))
        with self._board.lock:
            if filling not in self._board.open:
                return
            self._board.open.remove(filling)
            for giver in (self._board.givers[number] for number in guilty(filling.differences) if number >= 0):
                self._board.drop(giver, _lied(filling, giver))
        self._show(filling, outcome)

    def _show(self, filling: Filling, outcome: Outcome) -> None:
        filling.follower.__exit__()
        if isinstance(filling.draft, MemoryDraft):
            self._show_small(filling, filling.draft.data, outcome)
            return
        try:
            self._place.put(filling.content, filling.step.paths, filling.draft)
        except Busy:
            filling.draft.release()
            self._again(filling)
            return
        except HfpushError as failure:
            filling.draft.release()
            self._board.result(filling.number, failure)
            return
        except BaseException:
            filling.draft.release()
            raise
        sweep(self._place.home(filling.path, filling.content))
        self._done(filling.number, outcome)

    def _show_small(self, filling: Filling, data: bytes, outcome: Outcome) -> None:
        board = self._board

        def shown() -> None:
            with board.lock:
                board.unflushed -= 1
            self._done(filling.number, outcome)

        assert self._takes_small is not None
        with board.lock:
            board.unflushed += 1
        try:
            self._takes_small.put_small(filling.content, filling.step.paths, data, shown)
        except HfpushError as failure:
            board.end(failure)

    def _doubt(self, filling: Filling) -> None:
        """The digest does not hold."""
        with self._board.lock:
            filling.ask = None
            self._board.call_in()
            usable = [one.number for one in self._board.givers if filling.can_ask(one)]
            doubt = None if filling.strikes else next_doubt(filling.given, filling.doubted, usable)
            gone = filling.restart() if doubt is None else filling.doubt_giver(doubt)
            self._desk.tell(Bytes(filling.path, -gone, filling.total))
            filling.ended = filling.full = False
            if doubt is None:
                filling.ask = frozenset(usable[:1])
                self.mishaps.strike(filling, mismatch(filling.path, filling.content.id))
            self._board.work_waits.notify()

    # -- how a file ends --------------------------------------------------------------------------------------------

    def _done(self, number: int, outcome: Outcome) -> None:
        for path in outcome.step.paths:
            self._desk.tell(FileDone(path, outcome.step.content.size, outcome.how))
        self._board.result(number, outcome)

    def _lost(self, filling: Filling, failure: HfpushError) -> None:
        """The file does not come, because of `failure`."""
        with self._board.lock:
            if filling not in self._board.open:
                return
            self._board.open.remove(filling)
            self._board.dismiss(filling)
        filling.close()
        if isinstance(failure, Busy):
            self._again(filling)
        else:
            self._board.result(filling.number, failure)

    def _again(self, filling: Filling) -> None:
        """Another process took the draft while this one was asleep: begin anew."""
        if filling.claims < _CLAIMS:
            with self._board.lock:
                self._board.steps.appendleft((filling.number, filling.step, filling.claims + 1))
                self._board.work_waits.notify()
            return
        lost = Busy.of(
            "draft-lost",
            "Other processes keep taking over a file that we are fetching.",
            seen=(filling.path,),
            to_try=("run one fetch at a time on this folder",),
        )
        self._board.result(filling.number, lost)


def _lied(filling: Filling, giver: Giver) -> Finding:
    return Finding(
        "content-mismatch",
        f"{giver.name} gave wrong bytes.",
        (f"{filling.path!r}: what other sources gave has the digest that is listed, {filling.content.id}",),
        ("leave that endpoint out",),
        "warning",
    )
