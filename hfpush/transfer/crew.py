"""The workers of one upload: threads that take tasks under one limit, until everything is done or one task has failed.

What there is to do is the engine's business; how many may be under way at once is pace.py's decision, when a failed
request is tried again is net/retry.py's. After the first failure nothing new begins and nothing is tried again; what is
under way may end, for a while, and the failure is raised.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from hfpush.errors import Unavailable
from hfpush.net.retry import RetryPolicy, call_with_retry
from hfpush.transfer.observe import Observer
from hfpush.transfer.pace import TICK_SECONDS, Pace

T = TypeVar("T")
Task = Callable[[], None]
_STOP_SECONDS = 1.0
_WIND_UP_SECONDS = 30.0


class Stopped(Exception):
    """The run is ending: what this worker was about to do is no longer wanted."""


class Crew:
    """Workers for one run.

    `lock` guards what its tasks share; it may be taken again by the thread that holds it. `part_bytes` is how much one
    request carries at most, for the pace. `jobs` is the most tasks under way at once; a function is asked all along.
    """

    def __init__(
        self,
        jobs: int | Callable[[], int],
        policy: RetryPolicy,
        observer: Observer,
        *,
        wind_up_seconds: float = _WIND_UP_SECONDS,
    ) -> None:
        self._jobs = jobs if callable(jobs) else lambda: jobs
        self._most = sys.maxsize
        self._policy = policy
        self._observer = observer
        self._wind_up_seconds = wind_up_seconds
        self.lock = threading.RLock()
        self._work_waits = threading.Condition(self.lock)  # there may be a task for a worker
        self._ended = threading.Condition(self.lock)  # everything is done, or something failed
        self._counting = threading.Lock()
        self._ending = threading.Event()  # nothing new begins, waits are cut short
        self._stop = threading.Event()  # also what is being sent stops
        self._pace = Pace.start(max(1, self._jobs()))
        self.part_bytes = 1
        self._troubled = False
        self._tasks: deque[Task] = deque()
        self._under_way = 0
        self._moved = 0
        self._failure: BaseException | None = None
        self._failed_at = 0.0
        self._workers: list[threading.Thread] = []
        self._more: Callable[[], Task | None] = lambda: None
        self._done: Callable[[], bool] = lambda: True

    @property
    def limit(self) -> int:
        """How many tasks may be under way at this moment."""
        return self._pace.limit

    @property
    def moved(self) -> int:
        """Body bytes handed to the network so far, also those that had to go twice."""
        return self._moved

    def count(self, sent: int) -> None:
        """Bytes went to the network. Raises Stopped when they are no longer wanted there."""
        if self._stop.is_set():
            raise Stopped
        with self._counting:
            self._moved += max(sent, 0)

    def add(self, task: Task, *, first: bool = False) -> None:
        """One more task, behind the others or before them; called under the lock."""
        if first:
            self._tasks.appendleft(task)
        else:
            self._tasks.append(task)
        self._work_waits.notify()

    def run(self, *, more: Callable[[], Task | None], done: Callable[[], bool]) -> None:
        """Work until `done`; both are asked under the lock, `more` for a task when few are left in the queue.

        Raises the first failure of a task. An interrupt in the calling thread ends it within a second or so, though
        requests may be stuck.
        """
        self._more, self._done = more, done
        try:
            self._supervise()
        finally:
            self._stop.set()
            self._ending.set()
            with self.lock:
                self._tasks.clear()
                self._work_waits.notify_all()
            deadline = time.monotonic() + _STOP_SECONDS
            for worker in self._workers:
                worker.join(timeout=max(0.0, deadline - time.monotonic()))
        if self._failure is not None:
            raise self._failure

    def _supervise(self) -> None:
        """Keep as many workers as the pace allows, until everything is done or something has failed."""
        last_moved, last_time = 0, time.monotonic()
        while True:
            with self.lock:
                if self._done() or (self._failure is not None and self._wound_up()):
                    return
                while len(self._workers) < self._pace.limit and self._failure is None:
                    self._hire()
                self._ended.wait(TICK_SECONDS / 2)
                elapsed = time.monotonic() - last_time
                if elapsed >= TICK_SECONDS:
                    rate = (self._moved - last_moved) / elapsed
                    pace = self._pace.under(max(1, min(self._jobs(), self._most)))
                    self._pace = pace.after(rate, troubled=self._troubled, part_bytes=self.part_bytes)
                    last_moved, last_time, self._troubled = self._moved, time.monotonic(), False
                    self._work_waits.notify_all()

    def _hire(self) -> None:
        """One more worker; where the system gives no more threads, those that are there do it all."""
        worker = threading.Thread(target=self._work, name=f"upload-{len(self._workers)}", daemon=True)
        try:
            worker.start()
        except RuntimeError:
            here = len(self._workers)
            if here == 0:
                raise
            self._pace, self._most = replace(self._pace, limit=here, ceiling=here), here
        else:
            self._workers.append(worker)

    def _wound_up(self) -> bool:
        return self._under_way == 0 or time.monotonic() > self._failed_at + self._wind_up_seconds

    # -- workers ---------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self.lock:
                task = self._take()
                while task is None:
                    if self._ending.is_set() or self._done():
                        return
                    self._work_waits.wait(TICK_SECONDS)
                    task = self._take()
                self._under_way += 1
            failure: BaseException | None = None
            try:
                task()
            except Stopped:
                failure = None  # the run is ending, for a reason that somebody else has told
            except BaseException as error:  # noqa: BLE001  # a worker must hand its failure to run(), whatever it is
                failure = error
            with self.lock:
                self._under_way -= 1
                if failure is not None and self._failure is None:
                    self._failure, self._failed_at = failure, time.monotonic()
                    self._ending.set()
                if self._failure is not None or self._done():
                    self._work_waits.notify_all()
                    self._ended.notify_all()

    def _take(self) -> Task | None:
        """The next task that may begin now; called under the lock."""
        if self._ending.is_set() or self._under_way >= self._pace.limit:
            return None
        if len(self._tasks) < 2 * self._pace.limit:
            task = self._more()
            if task is not None:
                return task
        return self._tasks.popleft() if self._tasks else None

    # -- patience --------------------------------------------------------------------------------------------------

    def retried(self, step: Callable[[], T]) -> T:
        """What `step` returns, tried again as the policy says. Raises Stopped once the run is ending."""
        if self._ending.is_set():
            raise Stopped
        return call_with_retry(step, self._policy, sleep=self._sleep, on_wait=self._waits)

    def _sleep(self, seconds: float) -> None:
        if self._ending.wait(seconds):
            raise Stopped

    def _waits(self, seconds: float, why: Unavailable) -> None:
        if self._ending.is_set():
            return
        with self.lock:
            self._troubled = True
        self._observer.waiting(seconds, why)
