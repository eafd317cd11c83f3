"""The error tree: what a caller may do is in the class, what the user is told in the finding."""

from __future__ import annotations

import inspect
import pickle

import pytest

from hfpush import errors
from hfpush.errors import HfpushError, LeaseExpired, Misuse, Refused, Unavailable
from hfpush.findings import Finding

CLASSES = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, HfpushError)]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_each_error_carries_its_finding_and_says_its_reference_first(kind: type[HfpushError]) -> None:
    error = kind.of("some-reference", "A sentence.", seen=("seen",), to_try=("try",))
    assert type(error) is kind
    assert error.finding == Finding("some-reference", "A sentence.", ("seen",), ("try",))
    assert str(error) == "some-reference: A sentence."
    assert error.status is None


def test_a_mistake_in_the_command_has_an_exit_code_of_its_own() -> None:
    assert {kind.__name__: kind.exit_code for kind in CLASSES if kind.exit_code != 1} == {"Misuse": 2}
    assert Misuse.exit_code == 2


def test_an_expired_lease_may_pass_and_a_refusal_will_not() -> None:
    assert issubclass(LeaseExpired, Unavailable)
    assert not issubclass(Refused, Unavailable)


def test_what_may_pass_holds_the_servers_wish() -> None:
    finding = Finding("rate-limited", "Slow down.")
    assert Unavailable(finding, retry_after=3).retry_after == 3
    assert Unavailable(finding).retry_after is None


def test_an_error_survives_the_way_between_processes() -> None:
    error = Unavailable(Finding("rate-limited", "Slow down."), retry_after=3)
    error.status = 429
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.finding, again.retry_after, again.status) == (Unavailable, error.finding, 3, 429)
