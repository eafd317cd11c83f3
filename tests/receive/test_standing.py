from __future__ import annotations

import pytest

from hfpush.errors import Damaged, HfpushError, LeaseExpired, NotFound, Refused, Unavailable
from hfpush.findings import Finding
from hfpush.net.retry import RetryPolicy
from hfpush.receive.standing import Standing

POLICY = RetryPolicy(attempts=8, first_wait=1.0)
CUT = Unavailable(Finding("connection-cut", "cut"))
EXPIRED = LeaseExpired(Finding("lease-refused", "expired"))


def after(standing: Standing, failure: HfpushError, now: float = 0.0, began: float = 0.0) -> Standing:
    return standing.after(failure, POLICY, began=began, now=now)


@pytest.mark.parametrize("failure", [Damaged.of("x", "X."), Refused.of("x", "X.")])
def test_what_will_be_said_again_is_the_end(failure: HfpushError) -> None:
    assert after(Standing(), failure).given_up == failure.finding


def test_three_failures_in_a_row_are_the_end() -> None:
    one = after(Standing(), CUT)
    two = after(one, CUT)
    assert [one.until, two.until] == [1.0, 2.0]
    assert (one.given_up, two.given_up, after(two, CUT).given_up) == (None, None, CUT.finding)


def test_worthwhile_piece_in_between_makes_it_fine_again() -> None:
    standing = Standing()
    for _ in range(20):
        standing = after(standing, CUT).brought()
    assert standing.given_up is None


def test_connections_that_were_cut_together_count_once() -> None:
    standing = after(Standing(), CUT, now=5.0, began=1.0)
    assert after(standing, CUT, now=5.1, began=2.0) == standing


def test_expired_lease_is_asked_for_again_at_once_but_not_for_ever() -> None:
    standing = after(Standing(), EXPIRED)
    assert standing.usable(0.0)
    assert after(after(standing, EXPIRED), EXPIRED).given_up == EXPIRED.finding


def test_it_waits_as_long_as_it_is_asked_to() -> None:
    standing = after(Standing(), Unavailable(Finding("rate-limited", "x"), retry_after=30.0), now=1.0)
    assert not standing.usable(30.9)
    assert standing.usable(31.0)
    assert standing.rested().usable(1.0)


def test_who_asks_for_hours_is_not_waited_for() -> None:
    failure = Unavailable(Finding("rate-limited", "x"), retry_after=7200.0)
    assert after(Standing(), failure).given_up == failure.finding


def test_dropped_one_stays_dropped() -> None:
    dropped = Standing(dropped=CUT.finding)
    assert not dropped.usable(0.0)
    assert after(dropped, NotFound.of("x", "X.")) == dropped


def test_last_failure_is_remembered_until_something_worthwhile_comes() -> None:
    standing = after(Standing(), CUT)
    assert standing.last == CUT.finding
    assert standing.brought().last is None
