"""When a step is tried again, and how long to wait before. Decided here only; tenacity turns the crank.

Only `Unavailable` is tried again (and not `LeaseExpired`, which needs a new lease first): everything else
will be said again by whoever said it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import tenacity

from hfpush.errors import LeaseExpired, Unavailable

T = TypeVar("T")
_BUSY = 3
OnWait = Callable[[float, Unavailable], None]
Sleep = Callable[[float], None]


@dataclass(frozen=True)
class RetryPolicy:
    """How patient a step is: `attempts` in all, waits in seconds doubling from `first_wait` up to `longest_wait`,
    which is how late it may be noticed that a server is back.

    A server's own wish (`Retry-After`) is obeyed up to `longest_asked_wait` seconds; beyond it the step fails at
    once, and the finding says how long the server wants. A server that asks for a second or more each time is not
    broken but busy: unless there is to be one attempt alone, it gets three times as many.

    To each wait a little is added at random, so that those who were sent away together do not come back together.
    """

    attempts: int = 8
    first_wait: float = 0.5
    longest_wait: float = 10.0
    longest_asked_wait: float = 300.0

    def wait_before(self, attempt: int, failure: Unavailable, chance: float = 0.0) -> float | None:
        """Seconds to wait after failed attempt number `attempt` (1 is the first), or None to give up. `chance`, from 0
        up to 1, decides on the little that is added: up to a quarter of a wait of ours, and up to a tenth of one that
        was asked for, but no more than 5 s."""
        attempts = self.attempts if failure.tries is None else min(self.attempts, failure.tries)
        if attempts > 1 and failure.tries is None and (failure.retry_after or 0) >= 1:
            attempts *= _BUSY
        if isinstance(failure, LeaseExpired) or attempt >= attempts:
            return None
        if failure.retry_after is not None:
            if failure.retry_after > self.longest_asked_wait:
                return None
            return failure.retry_after + min(failure.retry_after / 10, 5.0) * chance
        return min(self.first_wait * 2.0 ** min(attempt - 1, 60), self.longest_wait) * (1 + chance / 4)


def call_with_retry(
    step: Callable[[], T],
    policy: RetryPolicy,
    *,
    sleep: Sleep,
    on_wait: OnWait | None = None,
    chance: Callable[[], float] = random.random,
) -> T:
    """What `step` returns, trying it again as the policy says. Raises the last failure.

    `sleep` is asked to wait (and may raise to stop early); `on_wait` is told before each wait, for a countdown;
    `chance` gives a number from 0 up to 1 for each wait.
    """

    try:
        return step()  # nearly always: tenacity is needed only for what did not work
    except Unavailable as error:
        failures = [error]

    def again() -> T:
        if failures:
            raise failures.pop()
        return step()

    def failure(state: tenacity.RetryCallState) -> Unavailable:
        error = state.outcome.exception() if state.outcome else None
        assert isinstance(error, Unavailable)
        return error

    def stop(state: tenacity.RetryCallState) -> bool:
        return policy.wait_before(state.attempt_number, failure(state)) is None

    def wait(state: tenacity.RetryCallState) -> float:
        return policy.wait_before(state.attempt_number, failure(state), chance()) or 0.0

    def before_sleep(state: tenacity.RetryCallState) -> None:
        if on_wait is not None:
            on_wait(state.next_action.sleep if state.next_action else 0.0, failure(state))

    crank = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(Unavailable),
        stop=stop,
        wait=wait,
        sleep=sleep,
        before_sleep=before_sleep,
        reraise=True,
    )
    return crank(again)
