"""What straight connections that fail mean, and one family of addresses that does."""

from __future__ import annotations

import pytest

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.connections import Dial, Outcome
from hfpush.diagnose.facts.machine import Client
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.rules.connections import causes

FOUR, SIX = "10.0.0.1", "fd00::1"
LINE, STORAGE = "hf.test:443 straight", "s3.hf.test:443 straight"


def way(client: Client = "git", host: str = "hf.test", via: str = "", by: str = "") -> Way:
    return Way(client, "hub" if host == "hf.test" else "storage", host, 443, via, by, by=by)


def facts(*outcomes: tuple[str, Outcome], ways: tuple[Way, ...] = ()) -> Facts:
    dials = tuple(Dial(LINE, address, outcome) for address, outcome in outcomes)
    return Facts(ways=ways or (way(), way("hfpush")), dials=dials)


@pytest.mark.parametrize(
    ("outcomes", "told"),
    [
        ([(FOUR, "ok")], []),
        ([(FOUR, "silent")], ["connect-timeout"]),
        ([(FOUR, "refused")], ["connection-refused"]),
        ([(FOUR, "unreachable")], ["host-unreachable"]),
        ([(FOUR, "cut")], ["connection-cut"]),
        ([(SIX, "unreachable"), (FOUR, "silent")], ["connect-timeout"]),
        ([(SIX, "silent"), (FOUR, "refused")], ["connection-refused"]),
        ([(SIX, "unreachable"), (FOUR, "unreachable")], ["host-unreachable"]),
        ([(SIX, "silent"), (FOUR, "ok")], ["ipv6-broken"]),
        ([(SIX, "unreachable"), (FOUR, "ok")], []),
        ([(SIX, "refused"), (FOUR, "ok")], []),
        ([(SIX, "ok"), (FOUR, "silent")], []),
        ([("", "unresolved")], []),
    ],
)
def test_each_failure_has_its_name(outcomes: list[tuple[str, Outcome]], told: list[str]) -> None:
    assert [one.finding.reference for one in causes(facts(*outcomes))] == told


def test_silence_alone_does_not_tell_who_is_silent() -> None:
    (cause,) = causes(facts((FOUR, "silent")))
    assert not cause.certain
    assert "cannot be told" in cause.finding.message
    (refused,) = causes(facts((FOUR, "refused")))
    assert refused.certain


def test_a_proxy_by_which_it_works_makes_it_certain_and_is_the_remedy() -> None:
    other = way("hfpush", via="http://proxy.test:3128", by="ALL_PROXY")
    given = Facts(ways=(way(), other), dials=(Dial(LINE, FOUR, "silent"), Dial(other.line)))
    (cause,) = causes(given)
    assert cause.certain
    assert cause.finding.remedy[0] == 'export HTTPS_PROXY="$ALL_PROXY"'
    assert "though through http://proxy.test:3128 it is reached" in cause.finding.message


def test_hub_and_storage_that_fail_alike_are_one_cause() -> None:
    ways = (way(), way("git-lfs", "s3.hf.test"))
    (cause,) = causes(Facts(ways=ways, dials=(Dial(LINE, FOUR, "silent"), Dial(STORAGE, FOUR, "silent"))))
    assert cause.hosts == {"hf.test", "s3.hf.test"}


def test_a_storage_that_fails_alone_has_the_hub_beside_it_as_evidence() -> None:
    ways = (way(), way("git-lfs", "s3.hf.test"))
    (cause,) = causes(Facts(ways=ways, dials=(Dial(LINE, FOUR, "ok"), Dial(STORAGE, FOUR, "silent"))))
    assert cause.hosts == {"s3.hf.test"}
    assert f"{LINE} answers" in cause.finding.evidence


@pytest.mark.parametrize(
    ("ways", "told"),
    [
        ((way("huggingface_hub"),), ["note"]),
        ((way("huggingface_hub"), way("git")), ["error"]),
        ((way("curl"),), []),
        ((way("git", "s3.hf.test"),), []),
        ((Way("git", "hub", "hf.test", 443, error="no such backend"),), []),
        ((Way("hf_xet", "xet", "hf.test", 443),), []),
    ],
)
def test_only_what_somebody_needs_is_told(ways: tuple[Way, ...], told: list[str]) -> None:
    dials = tuple(Dial(one.line, FOUR, "refused") for one in ways)
    assert [one.finding.severity for one in causes(Facts(ways=ways, dials=dials))] == told


def test_broken_ipv6_is_a_warning_where_a_program_waits_for_it() -> None:
    (cause,) = causes(facts((SIX, "silent"), (FOUR, "ok"), ways=(way(), way("huggingface_hub"))))
    assert cause.finding.severity == "warning"
    (cause,) = causes(facts((SIX, "silent"), (FOUR, "ok"), ways=(way(),)))
    assert cause.finding.severity == "note"
