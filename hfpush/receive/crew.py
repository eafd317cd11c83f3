"""The work on one fetch: take a task, do it, take the next one.

A task is to begin a step, to bring a stretch, or to wait. Whoever puts the last byte into a file sees to its end
(ending.py). Who brings what, dealing.py says; what a failure means, mishaps.py; how many workers there are, engine.py
sees to.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from hfpush.disk.draft import Draft
from hfpush.errors import HfpushError
from hfpush.findings import Finding
from hfpush.receive.board import Board
from hfpush.receive.budget import Budget
from hfpush.receive.claiming import claimed, kept
from hfpush.receive.dealing import Dealer
from hfpush.receive.ending import Ending
from hfpush.receive.events import FileStarted
from hfpush.receive.filling import Filling
from hfpush.receive.means import Outcome, Stopped
from hfpush.receive.memory import LIGHT_BYTES, MemoryDraft, TakesSmall
from hfpush.receive.plan import Step
from hfpush.receive.stream import Stream, Unwanted

Task = Callable[[], None]
_IDLE_SECONDS = 0.25
_WORTHWHILE = 64 * 1024
_PAUSE = Finding("hub-unavailable", "Every source asks us to wait.", severity="note")


class Crew:
    """`work` is what each worker does; `mishaps` is for whoever watches."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._desk = board.desk
        self._dealer = Dealer(board)
        self._ending = Ending(board)
        self.mishaps = self._ending.mishaps
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
        if self._ending.takes_small is not None:
            with suppress(HfpushError):  # the work has ended with a failure of its own; these stay as drafts
                self._ending.takes_small.flush()

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
        board, place = self._board, self._ending.takes_small
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
            self._ending.done(number, Outcome(step, "kept"))
            return
        budget = Budget(self._desk.means.policy, step.content.size, draft.have.total)
        filling = Filling(step, number, draft, budget, claims)
        with self._board.lock:
            self._board.open.append(filling)
            filling.ended = complete = filling.complete
        self._desk.tell(FileStarted(filling.path, step.content.size, filling.total))
        if complete:
            self._ending.finish(filling)

    def _is_light(self, step: Step) -> bool:
        light = 0 < step.content.size <= LIGHT_BYTES and step.have == 0
        return light and self._ending.takes_small is not None

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
        self._ending.finish(filling)
