"""When a step is tried again, and after how long."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hfpush.errors import HfpushError, LeaseExpired, Refused, Unavailable
from hfpush.findings import Finding
from hfpush.net.retry import RetryPolicy, call_with_retry
from hfpush.settings import DEFAULT_ATTEMPTS

FINDING = Finding("hub-unavailable", "The Hub does not answer.")
POLICY = RetryPolicy(attempts=4, first_wait=0.5, longest_wait=1.5, longest_asked_wait=60)


def asked(seconds: float | None) -> Unavailable:
    return Unavailable(FINDING, retry_after=seconds)


@pytest.mark.parametrize(
    ("attempt", "failure", "wait"),
    [
        (1, asked(None), 0.5),
        (2, asked(None), 1.0),
        (3, asked(None), 1.5),
        (4, asked(None), None),
        (1, asked(0), 0.0),
        (1, asked(7), 7.0),
        (3, asked(60), 60.0),
        (4, asked(0.5), None),
        (11, asked(7), 7.0),
        (12, asked(7), None),
        (1, asked(60.1), None),
        (1, LeaseExpired(FINDING), None),
        (1, LeaseExpired(FINDING, retry_after=1), None),
    ],
)
def test_the_wait_after_a_failed_attempt(attempt: int, failure: Unavailable, wait: float | None) -> None:
    assert POLICY.wait_before(attempt, failure) == wait


def test_a_policy_of_very_many_attempts_still_knows_its_longest_wait() -> None:
    assert RetryPolicy(attempts=10_000).wait_before(9_000, asked(None)) == 10.0


class Script:
    """A step that fails as written, then returns; and a sleep that only notes."""

    def __init__(self, *failures: HfpushError) -> None:
        self.failures = list(failures)
        self.calls = 0
        self.slept: list[float] = []
        self.told: list[float] = []

    def run(self, sleep: Callable[[float], None] | None = None, chance: float = 0.0) -> str:
        return call_with_retry(
            self._step,
            POLICY,
            sleep=sleep or self.slept.append,
            on_wait=lambda wait, _: self.told.append(wait),
            chance=lambda: chance,
        )

    def _step(self) -> str:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return "done"


def test_what_works_is_called_once() -> None:
    script = Script()
    assert script.run() == "done"
    assert (script.calls, script.slept, script.told) == (1, [], [])


def test_what_may_pass_is_tried_again_after_the_waits_of_the_policy_and_each_wait_is_told() -> None:
    script = Script(asked(None), asked(9), asked(None))
    assert script.run() == "done"
    assert script.slept == script.told == [0.5, 9.0, 1.5]


def test_what_chance_adds_to_a_wait_is_waited_and_told() -> None:
    script = Script(asked(None), asked(10), asked(None))
    assert script.run(chance=0.8) == "done"
    assert script.slept == script.told == [pytest.approx(0.6), pytest.approx(10.8), pytest.approx(1.8)]


@pytest.mark.parametrize("wait", [None, 0.0, 0.3, 7.0, 60.0])
def test_the_little_that_is_added_is_little_and_never_shortens_a_wish(wait: float | None) -> None:
    plain, longest = (POLICY.wait_before(1, asked(wait), chance) for chance in (0.0, 1.0))
    assert plain is not None
    assert longest is not None
    assert plain <= longest <= plain * 1.25
    assert longest - plain <= 5.0


def test_the_last_failure_is_raised_as_it_is_when_the_attempts_are_used_up() -> None:
    last = asked(None)
    script = Script(asked(None), asked(None), asked(None), last)
    with pytest.raises(Unavailable) as caught:
        script.run()
    assert caught.value is last
    assert (script.calls, len(script.slept)) == (4, 3)


@pytest.mark.parametrize("failure", [Refused(FINDING), LeaseExpired(FINDING), asked(3600)])
def test_what_will_be_said_again_is_raised_at_once(failure: HfpushError) -> None:
    script = Script(failure)
    with pytest.raises(HfpushError) as caught:
        script.run()
    assert caught.value is failure
    assert (script.calls, script.slept, script.told) == (1, [], [])


def test_a_sleep_that_raises_stops_the_trying() -> None:
    def stop(_: float) -> None:
        raise KeyboardInterrupt

    script = Script(asked(None))
    with pytest.raises(KeyboardInterrupt):
        script.run(sleep=stop)
    assert script.calls == 1


def test_a_failure_that_is_not_worth_many_tries_gets_few() -> None:
    policy = RetryPolicy(attempts=7)
    failure = Unavailable(Finding("x", "y"), tries=3)
    assert [policy.wait_before(attempt, failure) is None for attempt in (1, 2, 3)] == [False, False, True]
    assert RetryPolicy(attempts=2).wait_before(2, failure) is None


def test_who_comes_back_is_found_within_the_longest_wait_and_waited_for_almost_a_minute() -> None:
    policy = RetryPolicy(attempts=DEFAULT_ATTEMPTS)
    waits = [policy.wait_before(attempt, asked(None)) or 0.0 for attempt in range(1, DEFAULT_ATTEMPTS)]
    assert (max(waits), sum(waits)) == (10.0, 55.5)
