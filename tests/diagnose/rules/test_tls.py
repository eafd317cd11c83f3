"""What handshakes amount to."""

from __future__ import annotations

import pytest

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.facts.machine import Client
from hfpush.diagnose.facts.tls import Handshake, Outcome
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.rules.tls import causes

STRAIGHT = "hf.test:443 straight"
PROXY = "http://proxy.test:3128"
THROUGH = f"hf.test:443 through {PROXY}"
WAYS = tuple(Way(client, "hub", "hf.test", 443) for client in ("git", "git-lfs"))


def bad(outcome: Outcome, line: str = STRAIGHT, **more: object) -> Handshake:
    known = {"tries": 5, "failed": 5, "fails_with": outcome, "small": outcome, "other_name": outcome}
    return Handshake(line, outcome, **{**known, **more})  # type: ignore[arg-type]


def good(line: str) -> Handshake:
    return Handshake(line, tries=3, version="TLS 1.3")


def by_proxy(*clients: Client) -> tuple[Way, ...]:
    return tuple(Way(one, "hub", "hf.test", 443, via=PROXY, why="ALL_PROXY", by="ALL_PROXY") for one in clients)


def told(*handshakes: Handshake, ways: tuple[Way, ...] = WAYS) -> list[Cause]:
    dials = tuple(Dial(one.line, "10.77.0.2") for one in handshakes)
    return list(causes(Facts(ways=ways, dials=dials, handshakes=handshakes)))


@pytest.mark.parametrize(
    ("handshake", "reference"),
    [
        (bad("reset"), "tls-reset"),
        (bad("reset", got=40), "tls-reset"),
        (bad("reset", small="ok"), "tls-reset"),
        (bad("closed"), "tls-closed"),
        (bad("silent"), "tls-silent"),
        (bad("silent", small="ok"), "mtu-black-hole"),
        (bad("silent", small="ok", other_name="alert"), "mtu-black-hole"),
        (bad("silent", other_name="ok"), "tls-name-filtered"),
        (bad("reset", other_name="alert"), "tls-name-filtered"),
        (bad("closed", other_name="ok"), "tls-name-filtered"),
        (bad("alert", alert=40), "tls-version"),
        (bad("alert", alert=70), "tls-version"),
        (bad("alert", alert=80), "tls-failed"),
        (bad("alert", alert=112), "tls-name-unknown"),
        (bad("not-agreed", version="TLS 1.0"), "tls-version"),
        (bad("plaintext", began_with="HTTP/1.1 400"), "tls-plaintext"),
        (bad("garbage"), "tls-plaintext"),
        (Handshake(STRAIGHT, "ok", tries=5, failed=2, fails_with="reset"), "tls-flaky"),
    ],
)
def test_each_has_its_name(handshake: Handshake, reference: str) -> None:
    (cause,) = told(handshake)
    assert (cause.finding.reference, cause.finding.severity) == (reference, "error")
    assert cause.host == "hf.test"
    assert cause.finding.remedy
    assert all(line.count("\n") == 0 for line in (cause.finding.message, *cause.finding.evidence))


@pytest.mark.parametrize("line", [STRAIGHT, THROUGH])
def test_what_stands_is_no_cause(line: str) -> None:
    assert told(good(line)) == []


def test_what_was_not_tried_is_no_cause() -> None:
    assert told(Handshake(STRAIGHT, "not-tried", tries=0)) == []


def test_a_reset_is_certain_only_beside_a_way_that_works() -> None:
    (alone,) = told(bad("reset"))
    assert not alone.certain
    assert "cannot be told" in alone.finding.message
    (cause,) = told(bad("reset"), good(THROUGH), ways=(*WAYS, *by_proxy("curl")))
    assert cause.certain
    assert cause.finding.remedy[0] == 'export HTTPS_PROXY="$ALL_PROXY"'


@pytest.mark.parametrize("outcome", ["reset", "closed", "silent"])
def test_what_happens_only_through_a_proxy_is_the_proxys(outcome: Outcome) -> None:
    ways = (*WAYS, *by_proxy("hfpush"))
    assert told(bad(outcome, THROUGH), good(STRAIGHT), ways=ways) == []
    assert told(bad(outcome, THROUGH), ways=by_proxy("git")) == []


def test_what_happens_on_both_ways_is_the_hosts_and_told_once() -> None:
    found = told(bad("reset"), bad("reset", THROUGH), ways=(*WAYS, *by_proxy("hfpush")))
    assert [one.finding.reference for one in found] == ["tls-reset"]
    assert "git, git-lfs and hfpush would go that way" in found[0].finding.evidence


def test_an_alert_through_a_proxy_is_the_hosts() -> None:
    (cause,) = told(bad("alert", THROUGH, alert=112), ways=by_proxy("git"))
    assert cause.finding.reference == "tls-name-unknown"


def test_a_line_that_nobody_needs_is_no_matter() -> None:
    assert told(bad("reset"), ways=by_proxy("git")) == []


def test_a_line_of_tools_that_are_merely_there_is_a_note() -> None:
    (cause,) = told(bad("reset"), ways=(Way("huggingface_hub", "hub", "hf.test", 443),))
    assert cause.finding.severity == "note"


def test_a_server_of_xets_is_not_told_here() -> None:
    assert told(bad("reset"), ways=(Way("hf_xet", "xet", "hf.test", 443),)) == []


def test_the_line_against_small_packets_names_the_address() -> None:
    (cause,) = told(bad("silent", small="ok"))
    assert "ip -o route get 10.77.0.2" in cause.finding.remedy[0]
    assert cause.finding.remedy[0].startswith("ip link set dev ")


def test_it_explains_what_requests_meet_on_that_host_alone() -> None:
    (cause,) = told(bad("reset"))
    assert {"connection-cut", "hub-unavailable"} <= cause.explains
    assert cause.hosts == frozenset({"hf.test"})


def test_an_alert_is_named() -> None:
    (cause,) = told(bad("alert", alert=112))
    assert "112 (unrecognized_name)" in cause.finding.evidence[0]
