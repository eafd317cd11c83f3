"""Carries out a plan with a few threads. Decides only when to stop: what cannot get better ends the whole work."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue

from hfpush.errors import Damaged, HfpushError, NotFound
from hfpush.findings import Finding
from hfpush.receive.events import Planned
from hfpush.receive.filling import Means, Outcome, Receiver, Stopped
from hfpush.receive.plan import Plan, Step

_OF_ONE_FILE = (Damaged, NotFound)
_LOOK_UP_SECONDS = 0.25  # how long a Ctrl-C may go unnoticed
_FAREWELL_SECONDS = 0.75  # for threads to leave their drafts in order


def carry_out(plan: Plan, means: Means, *, jobs: int = 4) -> tuple[Outcome, ...]:
    """What became of each step, in the plan's order, with at most `jobs` files in progress.

    A file that is damaged or missing does not keep the others from coming; then its error is raised. Any other failure
    stops everything at once, with drafts in place to go on from.
    """
    receiver = Receiver(means)
    files = sum(len(step.paths) for step in plan.steps)
    size = sum(step.content.size * len(step.paths) for step in plan.steps)
    receiver.tell(Planned(files, size, plan.to_come))
    futures: list[Future[Outcome]] = [Future() for _ in plan.steps]
    threads = _threads(receiver, list(zip(futures, plan.steps, strict=True)), jobs)
    try:
        for thread in threads:
            thread.start()
        _watch(futures)
    except BaseException:
        receiver.stop()
        _join(threads)
        raise
    _join(threads)
    failures = [failure for future in futures if isinstance(failure := future.exception(), HfpushError)]
    if failures:
        raise _first_of(failures)
    return tuple(future.result() for future in futures)


def _threads(receiver: Receiver, work: list[tuple[Future[Outcome], Step]], jobs: int) -> list[threading.Thread]:
    """Threads that take the steps one by one. They are daemons: one that waits for a silent server holds nobody up."""
    queue: SimpleQueue[tuple[Future[Outcome], Step]] = SimpleQueue()
    for item in work:
        queue.put(item)

    def take() -> None:
        with suppress(Empty):
            while True:
                future, step = queue.get_nowait()
                try:
                    future.set_result(receiver.run(step))
                except BaseException as failure:  # noqa: BLE001  (handed to whoever asks the future)
                    future.set_exception(failure)

    count = max(1, min(jobs, len(work)))
    return [threading.Thread(target=take, name=f"hfpush-fetch-{n}", daemon=True) for n in range(count)]


def _join(threads: list[threading.Thread]) -> None:
    end = time.monotonic() + _FAREWELL_SECONDS
    for thread in filter(threading.Thread.is_alive, threads):
        thread.join(max(0.0, end - time.monotonic()))


def _watch(futures: list[Future[Outcome]]) -> None:
    """Returns when every step has ended, well or with a failure of one file. Raises any other failure at once."""
    done: SimpleQueue[Future[Outcome]] = SimpleQueue()
    for future in futures:
        future.add_done_callback(done.put)
    for _ in futures:
        failure = _next(done).exception()
        if failure is not None and not isinstance(failure, (*_OF_ONE_FILE, Stopped)):
            raise failure


def _next(done: SimpleQueue[Future[Outcome]]) -> Future[Outcome]:
    while True:
        with suppress(Empty):
            return done.get(timeout=_LOOK_UP_SECONDS)


def _first_of(failures: list[HfpushError]) -> HfpushError:
    first, others = failures[0], len(failures) - 1
    if others:
        finding = first.finding
        evidence = (*finding.evidence, f"the same goes for {others} other file{'s' if others > 1 else ''}")
        first.finding = Finding(finding.reference, finding.message, evidence, finding.remedy, finding.severity)
    return first
