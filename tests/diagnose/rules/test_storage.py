"""Uploads that went well and badly, on one line and on two, and what follows."""

from __future__ import annotations

from typing import Any

import pytest

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.lfs import Lfs, Put
from hfpush.diagnose.facts.machine import Client
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.rules.storage import causes

STRAIGHT = "s3.test:443 straight"
PROXY = "http://proxy.test:3128"
PROXIED = f"s3.test:443 through {PROXY}"


def way(client: Client, via: str = "") -> Way:
    return Way(client, "storage", "s3.test", 443, via, "HTTPS_PROXY" if via else "no proxy is set")


def well(line: str, *sizes: int) -> list[Put]:
    return [Put(line, size, acked=size, answer_seconds=0.01) for size in sizes]


def of(*puts: Put, ways: tuple[Way, ...] = (way("git-lfs"), way("hfpush"))) -> list[Cause]:
    return list(causes(Facts(ways=ways, lfs=Lfs(puts=puts))))


def bad(line: str = STRAIGHT, size: int = 500, **more: Any) -> Put:
    return Put(line, size, **more)


def test_where_all_is_taken_there_is_nothing_to_say() -> None:
    assert of(*well(STRAIGHT, 500, 1300, 8192)) == of() == []


@pytest.mark.parametrize(
    ("put", "reference"),
    [
        (bad(outcome="status", status=403, code="SignatureDoesNotMatch"), "signature-mismatch"),
        (bad(outcome="status", status=403, code="AccessDenied", said="Request has expired"), "lease-refused"),
        (bad(outcome="status", status=413, server="nginx"), "request-too-large"),
        (bad(outcome="status", status=403, code="RequestTimeTooSkewed", ahead=1000.0), "clock-skewed"),
        (bad(outcome="status", status=507), "storage-full"),
        (bad(outcome="status", status=503), "storage-unavailable"),
        (bad(outcome="status", status=429), "rate-limited"),
        (bad(outcome="status", status=501, code="NotImplemented"), "storage-refused"),
        (bad(outcome="status", status=307), "redirect-refused"),
        (bad(outcome="cut", acked=100), "connection-cut"),
        (bad(outcome="late", acked=500), "stalled"),
        (bad(size=4_194_304, outcome="silent", acked=300_000), "stalled"),
        (bad(size=1300, outcome="silent", acked=10), "stalled"),
    ],
)
def test_each_failure_has_its_reference_and_says_what_was_seen(put: Put, reference: str) -> None:
    (cause,) = of(put)
    assert (cause.finding.reference, cause.finding.severity, cause.host) == (reference, "error", "s3.test")
    assert STRAIGHT in cause.finding.evidence[0]
    assert cause.finding.remedy
    assert reference not in cause.explains


@pytest.mark.parametrize(
    "put",
    [
        bad(size=1300, outcome="silent", acked=10, retransmitted=4),  # large packets that get lost
        bad(size=4_194_304, outcome="late", acked=4_194_304),  # its pace says what that is
        bad(outcome="refused"),
        bad(outcome="failed"),
        bad(size=262_144, outcome="unfinished", acked=200_000),
        bad(size=25_000_000, outcome="late", abandoned=True),
    ],
)
def test_what_other_rules_tell_is_left_to_them(put: Put) -> None:
    assert of(put) == []


def test_a_late_answer_on_a_slow_line_is_no_stall() -> None:
    slow = [Put(STRAIGHT, 500, answer_seconds=0.03), Put(STRAIGHT, 8192, answer_seconds=0.42)]
    assert of(*slow, bad(size=262_144, outcome="late", acked=262_144, seconds=4.5)) == []
    assert len(of(*well(STRAIGHT, 500, 8192), bad(size=262_144, outcome="late", acked=262_144, seconds=4.5))) == 1


def test_a_proxy_that_changes_requests_is_named_where_the_straight_way_is_good() -> None:
    ways = (way("git-lfs", PROXY), way("hfpush"))
    refusal = bad(PROXIED, outcome="status", status=403, code="SignatureDoesNotMatch")
    (cause,) = of(refusal, *well(STRAIGHT, 500, 1300), ways=ways)
    assert cause.certain
    assert cause.finding.message.startswith(f"The proxy {PROXY} changes requests")
    assert 'no_proxy="${no_proxy:+$no_proxy,}s3.test"' in cause.finding.remedy[0]
    assert f"{STRAIGHT}: 500 B went well" in cause.finding.evidence
    (alone,) = of(refusal, ways=ways)
    assert not alone.certain
    assert "cannot be told" in alone.finding.message


def test_a_line_that_fails_is_left_for_a_proxy_that_does_not() -> None:
    ways = (way("git-lfs"), way("hfpush", PROXY))
    (cause,) = of(bad(outcome="cut", acked=10, tries=2), *well(PROXIED, 500), ways=ways)
    assert cause.finding.remedy[0] == f"export HTTPS_PROXY={PROXY}"
    assert cause.certain


def test_one_reason_on_two_lines_is_one_cause() -> None:
    ways = (way("git-lfs"), way("hfpush", PROXY))
    (cause,) = of(bad(outcome="status", status=503), bad(PROXIED, outcome="status", status=503), ways=ways)
    assert len(cause.finding.evidence) == 2


def test_a_line_that_nobody_takes_there_says_nothing() -> None:
    assert of(bad(outcome="status", status=503), ways=(way("git"), way("curl"))) == []
    assert of(bad(outcome="status", status=503), ways=(way("huggingface_hub"),))[0].finding.severity == "note"


@pytest.mark.parametrize(
    ("ahead", "words", "certain"),
    [(1000.0, "This machine's clock is 16 min 40 s ahead of", True), (1.0, "The clocks of the Hub and of", True)],
)
def test_whose_clock_is_wrong_is_said_by_the_storage(ahead: float, words: str, certain: bool) -> None:
    (cause,) = of(bad(outcome="status", status=403, code="RequestTimeTooSkewed", ahead=ahead))
    assert cause.finding.message.startswith(words)
    assert cause.certain is certain


def test_a_limit_is_told_with_what_passed() -> None:
    (cause,) = of(*well(STRAIGHT, 500, 8192), bad(size=262_144, outcome="status", status=413, server="nginx/1.22"))
    assert "(nginx/1.22) refuses uploads of 262.1 kB" in cause.finding.message
    assert any("8.2 kB" in line for line in cause.finding.remedy)
