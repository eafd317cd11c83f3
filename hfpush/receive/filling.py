"""One content from a source into its place: claim a draft, fill it, verify it, show it.

What is tried again, and how often, is budget.py's; what must be done at all is plan.py's. Nothing is shown before its
digest holds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from hfpush.disk.draft import QUIET_SECONDS, Draft, claim, sweep
from hfpush.disk.follow import Follower, has_content
from hfpush.errors import Busy, Damaged, LeaseExpired, Unavailable
from hfpush.findings import Finding
from hfpush.hub.presence import Presence
from hfpush.net.download import AnswerUnfit, Download, LeastRate, RangeUnusable
from hfpush.net.retry import RetryPolicy, Sleep
from hfpush.receive.budget import Budget, lease_finding
from hfpush.receive.events import Bytes, Event, FileDone, FileStarted, How, Observer, Waiting, silent
from hfpush.receive.place import Place
from hfpush.receive.plan import Step
from hfpush.receive.source import Source

_HERE = (Presence.PLACED, Presence.STORED)
_SIGN_OF_LIFE = 10.0
_STRIKES = 2  # wrong bytes may be an accident of the line once
_CLAIMS = 5
_ELSEWHERE = Finding("busy-elsewhere", "Another process is fetching the same file; we wait for it.", severity="note")


class Stopped(Exception):
    """Work ended early because it was asked to; drafts keep what has come."""


@dataclass(frozen=True)
class Means:
    """What receiving needs from outside. `sources` have the same files; the first is the one to believe.

    `sleep` (None: a wait that a stop cuts short) and `clock` are for waits.
    """

    place: Place
    sources: tuple[Source, ...]
    observer: Observer = silent
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    least: LeastRate = field(default_factory=LeastRate)
    sleep: Sleep | None = None
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True)
class Outcome:
    """What became of a step: how its content got here, and how many bytes came over the wire for it."""

    step: Step
    how: How
    wire: int = 0


class Receiver:
    """Carries out steps, several at a time from several threads. `stop` makes all of them end soon."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._place = means.place
        self._stopping = threading.Event()
        self._telling = threading.Lock()
        self._running: set[Download] = set()

    def stop(self) -> None:
        """End what is running: every `run` raises Stopped, or returns if it was just done."""
        self._stopping.set()
        with self._telling:
            for download in self._running:
                download.abort()

    def run(self, step: Step) -> Outcome:
        """Do what the step says. Raises Damaged, Unavailable, Refused, NotFound, LocalTrouble, Stopped."""
        if self._stopping.is_set():
            raise Stopped
        outcome = self._run(step)
        for path in step.paths:
            self._tell(FileDone(path, step.content.size, outcome.how))
        return outcome

    def _run(self, step: Step) -> Outcome:
        if step.action == "keep":
            return Outcome(step, "kept")
        if step.action == "place":
            self._place.put(step.content, step.paths, None)
            return Outcome(step, "kept")
        proven = [path for path in step.unproven if has_content(self._place.file(path), step.content)]
        if proven:
            self._place.put(step.content, step.paths, None, proven=proven)
            return Outcome(step, "kept")
        for _ in range(_CLAIMS):
            with suppress(Busy):  # the draft was taken over while this process was asleep; begin again
                return self._receive(step)
        raise Busy.of(
            "draft-lost",
            "Other processes keep taking over a file that we are fetching.",
            seen=(step.paths[0],),
            to_try=("run one fetch at a time on this folder",),
        )

    def _receive(self, step: Step) -> Outcome:
        draft = self._claim(step)
        if draft is None:
            self._place.put(step.content, step.paths, None)
            return Outcome(step, "kept")
        try:
            outcome = _Filling(self, self._means, step, draft).run()
            self._place.put(step.content, step.paths, draft)
        except BaseException:
            draft.release()
            raise
        sweep(self._place.home(step.paths[0], step.content))
        return outcome

    def _claim(self, step: Step) -> Draft | None:
        """A draft to fill, once nobody else is at it; None when the content turned up in the meantime."""
        home, clock = self._place.home(step.paths[0], step.content), self._means.clock
        life, still_since, pause = None, clock(), 0.1
        while True:
            held = claim(home, quiet=clock() - still_since >= QUIET_SECONDS)
            if self._place.presence(step.paths[0], step.content) in _HERE:
                if isinstance(held, Draft):
                    held.discard()
                return None
            if isinstance(held, Draft):
                return held
            if held.life != life:
                life, still_since = held.life, clock()
            self.wait(pause, step.paths[0], _ELSEWHERE)
            pause = min(pause * 2, 2.0)

    def wait(self, seconds: float, path: str, why: Finding, draft: Draft | None = None) -> None:
        """Tell, then wait, with signs of life for the draft. Raises Stopped."""
        self._tell(Waiting(path, seconds, why))
        while seconds > 0:
            piece = min(seconds, _SIGN_OF_LIFE)
            (self._means.sleep or self._stopping.wait)(piece)
            seconds -= piece
            if draft is not None:
                draft.touch()
            self.check()

    def check(self) -> None:
        """Raises Stopped when the work is to end."""
        if self._stopping.is_set():
            raise Stopped

    def tell(self, event: Event) -> None:
        """One event to the observer."""
        self._tell(event)

    def _tell(self, event: Event) -> None:
        with self._telling:
            self._means.observer(event)

    def enter(self, download: Download) -> None:
        """From now on a stop aborts this download. Raises Stopped."""
        with self._telling:
            self._running.add(download)
        self.check()

    def leave(self, download: Download) -> None:
        """The download has ended."""
        with self._telling:
            self._running.discard(download)


class _Filling:
    """The filling of one draft, until its digest holds."""

    def __init__(self, receiver: Receiver, means: Means, step: Step, draft: Draft) -> None:
        self._receiver = receiver
        self._means = means
        self._content = step.content
        self._step = step
        self._path = step.paths[0]
        self._draft = draft
        self._budget = Budget(means.policy, step.content.size, draft.length)
        self._ranges = True
        self._wire = 0
        self._strikes = 0

    def run(self) -> Outcome:
        """Fill and verify. Raises the last failure when the budget or the strikes are used up."""
        how: How = "resumed" if self._draft.length else "fetched"
        self._receiver.tell(FileStarted(self._path, self._content.size, self._draft.length))
        with Follower(self._draft.fileno(), self._content, self._draft.path) as follower:
            while True:
                if self._draft.length < self._content.size:
                    self._try(follower)
                if self._draft.length < self._content.size:
                    continue
                follower.advance(self._draft.length)
                if follower.matches():
                    return Outcome(self._step, how, self._wire)
                self._draft.reset()
                follower.restart()
                how = "fetched"
                self._strike(_mismatch(self._path, self._content.id))

    def _try(self, follower: Follower) -> None:
        """One attempt; returns after a failure that is worth another one, when its wait is over."""
        try:
            self._attempt(follower)
        except RangeUnusable:
            if not self._ranges:
                raise
            self._ranges = False
        except AnswerUnfit as failure:
            self._strike(failure)
        except Unavailable as failure:
            self._receiver.check()
            self._budget, wait = self._budget.after(failure, self._draft.length)
            if wait is None and isinstance(failure, LeaseExpired):
                raise Unavailable(lease_finding(failure)) from failure
            if wait is None:
                raise
            if wait > 0:
                self._receiver.wait(wait, self._path, failure.finding, self._draft)

    def _attempt(self, follower: Follower) -> None:
        self._receiver.check()
        start = self._draft.length if self._ranges else 0
        with self._means.sources[0].open(self._path, self._content, start) as download:
            if download.start < self._draft.length:
                follower.restart()  # all bytes come again, over the old ones
            else:
                follower.advance(self._draft.length)

            def write(at: int, data: memoryview) -> None:
                self._receiver.check()
                self._draft.write(at, data)
                self._wire += len(data)
                follower.advance(at + len(data))
                self._receiver.tell(Bytes(self._path, len(data), at + len(data)))

            try:
                self._receiver.enter(download)
                download.receive(write, least=self._means.least)
            finally:
                self._receiver.leave(download)

    def _strike(self, failure: Damaged) -> None:
        self._strikes += 1
        if self._strikes >= _STRIKES:
            raise failure
        self._receiver.wait(self._means.policy.first_wait, self._path, failure.finding, self._draft)


def _mismatch(path: str, expected: str) -> Damaged:
    return Damaged.of(
        "content-mismatch",
        f"What came for {path!r} is not the file that the repository lists.",
        seen=(f"its digest is not {expected}; it was fetched twice", "nothing of it was kept"),
        to_try=("run the same command again", "try another endpoint; this one, or something on the way, alters files"),
    )
