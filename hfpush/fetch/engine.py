"""Carries out a plan with a few threads. Decides only when to stop: what cannot get better ends the whole work."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from hfpush.errors import Damaged, HfpushError, NotFound
from hfpush.fetch.events import Planned
from hfpush.fetch.plan import Plan
from hfpush.fetch.receive import Means, Outcome, Receiver, Stopped
from hfpush.findings import Finding

_OF_ONE_FILE = (Damaged, NotFound)
_LOOK_UP_SECONDS = 1.0  # how long a Ctrl-C may go unnoticed


def carry_out(plan: Plan, means: Means, *, jobs: int = 4) -> tuple[Outcome, ...]:
    """What became of each step, in the plan's order, with at most `jobs` files in progress.

    A file that is damaged or missing does not keep the others from coming; then its error is raised. Any other failure
    stops everything at once, with drafts in place to go on from.
    """
    receiver = Receiver(means)
    files = sum(len(step.paths) for step in plan.steps)
    size = sum(step.content.size * len(step.paths) for step in plan.steps)
    receiver.tell(Planned(files, size, plan.to_come))
    with ThreadPoolExecutor(max_workers=max(1, jobs), thread_name_prefix="hfpush-fetch") as pool:
        futures = [pool.submit(receiver.run, step) for step in plan.steps]
        try:
            _watch(futures)
        except BaseException:
            receiver.stop()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    failures = [failure for future in futures if isinstance(failure := future.exception(), HfpushError)]
    if failures:
        raise _first_of(failures)
    return tuple(future.result() for future in futures)


def _watch(futures: list[Future[Outcome]]) -> None:
    """Returns when every step has ended, well or with a failure of one file. Raises any other failure at once."""
    pending = set(futures)
    while pending:
        done, pending = wait(pending, timeout=_LOOK_UP_SECONDS, return_when=FIRST_COMPLETED)
        for future in done:
            failure = future.exception()
            if failure is not None and not isinstance(failure, (*_OF_ONE_FILE, Stopped)):
                raise failure


def _first_of(failures: list[HfpushError]) -> HfpushError:
    first, others = failures[0], len(failures) - 1
    if others:
        finding = first.finding
        evidence = (*finding.evidence, f"the same goes for {others} other file{'s' if others > 1 else ''}")
        first.finding = Finding(finding.reference, finding.message, evidence, finding.remedy, finding.severity)
    return first
