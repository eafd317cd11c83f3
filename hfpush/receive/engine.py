"""Carries out a plan with as many workers as bring something. Decides only when to look and when to stop.

What cannot get better ends the whole work; the rest of the decisions is crew.py's, and of those that it asks.
"""

from __future__ import annotations

import threading
import time

from hfpush.errors import HfpushError
from hfpush.findings import Finding
from hfpush.receive.board import Board
from hfpush.receive.crew import Crew
from hfpush.receive.desk import Desk
from hfpush.receive.events import Dropped, Planned
from hfpush.receive.means import Means, Outcome
from hfpush.receive.plan import Plan
from hfpush.receive.reach import TICK_SECONDS

_FAREWELL_SECONDS = 0.75  # for workers to leave their drafts in order


def carry_out(plan: Plan, means: Means, *, jobs: int = 4) -> tuple[Outcome, ...]:
    """What became of each step, in the plan's order, with at most `jobs` requests under way.

    A file that is damaged or missing does not keep the others from coming; then its error is raised. Any other failure
    stops everything at once, with drafts in place to go on from.
    """
    desk = Desk(means)
    files = sum(len(step.paths) for step in plan.steps)
    size = sum(step.content.size * len(step.paths) for step in plan.steps)
    desk.tell(Planned(files, size, plan.to_come))
    board = Board(desk, plan.steps, jobs)
    watch = _Watch(board, Crew(board))
    try:
        watch.run()
    finally:
        watch.end()
    for name, why in board.gone():
        desk.tell(Dropped(name, why))
    failures = [result for result in board.results if isinstance(result, HfpushError)]
    if failures:
        raise _first_of(failures)
    return tuple(result for result in board.results if isinstance(result, Outcome))


class _Watch:
    """Keeps as many workers as the sources are worth, and looks at how they get on."""

    def __init__(self, board: Board, crew: Crew) -> None:
        self._board = board
        self._crew = crew
        self._workers: list[threading.Thread] = []
        self._looked = board.desk.now
        self._most = 2 * board.jobs

    def run(self) -> None:
        """Until everything is done. Raises what ended it early."""
        board = self._board
        next_look = time.monotonic() + TICK_SECONDS
        while True:
            with board.lock:
                self._hire()
                if not board.over:
                    board.ended.wait(TICK_SECONDS)
                if board.failure is not None:
                    raise board.failure
                if board.left == 0:
                    return
                if time.monotonic() >= next_look:
                    next_look = time.monotonic() + TICK_SECONDS
                    self._look()

    def end(self) -> None:
        """Nobody works any more, or what he does is not wanted; drafts are in order."""
        board = self._board
        board.desk.stop()
        for stream in [stream for some in tuple(board.streams.values()) for stream in tuple(some)]:
            stream.abort()
        with board.lock:
            board.work_waits.notify_all()
        deadline = time.monotonic() + _FAREWELL_SECONDS
        for worker in self._workers:
            if board.active > board.stuck:
                worker.join(max(0.0, deadline - time.monotonic()))
        self._crew.close()

    def _hire(self) -> None:
        """As many workers as may be at something; where the system gives no more threads, those that are there."""
        while len(self._workers) < min(self._board.limit + self._board.stuck, self._most):
            worker = threading.Thread(target=self._crew.work, name=f"hfpush-fetch-{len(self._workers)}", daemon=True)
            try:
                worker.start()
            except RuntimeError:
                if not self._workers:
                    raise
                self._most = len(self._workers)
                return
            self._workers.append(worker)

    def _look(self) -> None:
        board = self._board
        seconds, self._looked = board.desk.now - self._looked, board.desk.now
        if seconds <= 0:
            return
        for giver in board.givers:
            giver.look(seconds)
        self._crew.mishaps.stalls()
        board.work_waits.notify()


def _first_of(failures: list[HfpushError]) -> HfpushError:
    first, others = failures[0], len(failures) - 1
    if others:
        finding = first.finding
        evidence = (*finding.evidence, f"the same goes for {others} other file{'s' if others > 1 else ''}")
        first.finding = Finding(finding.reference, finding.message, evidence, finding.remedy, finding.severity)
    return first
