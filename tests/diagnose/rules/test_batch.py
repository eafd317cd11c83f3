"""The LFS batch request that goes wrong alone."""

from __future__ import annotations

import pytest

from hfpush.diagnose.facts.account import Account
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.http import Exchange
from hfpush.diagnose.facts.lfs import Batch, Lfs
from hfpush.diagnose.rules.batch import causes

URL = "https://hf.test/me/m.git/info/lfs/objects/batch"
WELL = Exchange("api", status=200, kind="application/json")


def told(asked: Exchange, *others: Exchange, repo_status: int = 200) -> list[str]:
    facts = Facts(
        question=Question(endpoint="https://hf.test"),
        exchanges=others or (WELL,),
        account=Account(repo_status=repo_status),
        lfs=Lfs(batch=Batch(asked.status, exchange=asked)),
    )
    return [one.finding.reference for one in causes(facts)]


@pytest.mark.parametrize(
    ("asked", "reference"),
    [
        (Exchange("batch", url=URL, status=307, loop=True), "redirect-refused"),
        (Exchange("batch", url=URL, failure="mirror-half"), "mirror-half"),
        (Exchange("batch", url=URL, status=404, kind="text/plain"), "mirror-half"),
        (Exchange("batch", url=URL, failure="stalled"), "stalled"),
        (Exchange("batch", url=URL, failure="connection-cut"), "connection-cut"),
        (Exchange("batch", url=URL, status=200, html=True), "not-a-hub"),
        (Exchange("batch", url=URL, status=429, retry_after=3.0), "rate-limited"),
        (Exchange("batch", url=URL, status=503), "hub-unavailable"),
    ],
)
def test_what_other_requests_do_not_meet_is_told(asked: Exchange, reference: str) -> None:
    assert told(asked) == [reference]


@pytest.mark.parametrize("status", [200, 401, 403, 422, 507])
def test_what_others_tell_is_left_to_them(status: int) -> None:
    assert told(Exchange("batch", url=URL, status=status, kind="application/json")) == []


def test_a_404_of_a_repository_that_may_not_be_there_says_nothing() -> None:
    assert told(Exchange("batch", url=URL, status=404), repo_status=404) == []


@pytest.mark.parametrize(
    "other", [Exchange("api", status=503), Exchange("api", failure="stalled"), Exchange("api", status=200, html=True)]
)
def test_where_nothing_is_answered_well_it_is_not_the_batch(other: Exchange) -> None:
    assert told(Exchange("batch", url=URL, status=503), other) == []
