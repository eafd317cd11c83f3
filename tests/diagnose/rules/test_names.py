"""What is wrong with names, from what resolvers and name servers said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.connections import Dial, Outcome
from hfpush.diagnose.facts.names import Asked, Kind, Lookup
from hfpush.diagnose.facts.tls import Judged
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.rules.names import causes

HUB, STORAGE = "hf.test", "s3.hf.test"
STRAIGHT = "hf.test:443 straight"
PROXY = "socks5h://proxy.test:1080"


def ways(host: str = HUB, via: str = "") -> tuple[Way, ...]:
    target = "hub" if host == HUB else "storage"
    clients = ("git", "git-lfs", "hfpush") if host == HUB else ("git-lfs", "hfpush")
    names = "proxy" if via else "here"
    return tuple(Way(client, target, host, 443, via, "HTTPS_PROXY", names, by="HTTPS_PROXY") for client in clients)  # type: ignore[arg-type]


def facts(*lookups: Lookup, dialled: Outcome | None = None) -> Facts:
    hosts = dict.fromkeys(one.host for one in lookups)
    dials = () if dialled is None else tuple(Dial(f"{host}:443 straight", "10.0.0.1", dialled) for host in hosts)
    return Facts(ways=tuple(way for host in hosts for way in ways(host)), lookups=lookups, dials=dials)


def found(address: str, kind: Kind, host: str = HUB, line: int = 0) -> Lookup:
    return Lookup(host, "ok", (address,), (kind,), ("10.0.0.53",), hosts_line=line)


NONE = Lookup(HUB, "no-such-name", asked=(Asked("10.0.0.53", "NXDOMAIN"),), servers=("10.0.0.53",))
FAILING = Lookup(HUB, "server-failure", asked=(Asked("10.0.0.53", "SERVFAIL"),), servers=("10.0.0.53",))
SILENT = Lookup(HUB, "no-answer", asked=(Asked("10.0.0.53", "silent"),), servers=("10.0.0.53",))
CUT = Lookup(HUB, "no-answer", asked=(Asked("10.0.0.53", "unreachable"),), servers=("10.0.0.53",))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (facts(NONE), [("error", "name-unresolved")]),
        (facts(FAILING), [("error", "dns-failing")]),
        (facts(SILENT), [("error", "dns-silent")]),
        (facts(CUT), [("error", "host-unreachable")]),
        (facts(FAILING, replace(FAILING, host=STORAGE)), [("error", "dns-failing")]),
        (facts(found("0.0.0.0", "sinkhole"), dialled="refused"), [("error", "dns-sinkhole")]),
        (facts(found("127.0.0.1", "sinkhole"), dialled="silent"), [("error", "dns-sinkhole")]),
        (facts(found("127.0.0.1", "sinkhole"), dialled="ok"), []),
        (facts(found("10.1.1.1", "private"), dialled="refused"), []),
        (facts(found("10.1.1.1", "private"), dialled="ok"), []),
        (facts(found("8.8.8.8", "public"), dialled="refused"), []),
        (facts(found("224.0.0.1", "wrapper"), dialled="refused"), []),
        (facts(found("198.18.0.1", "fake"), dialled="ok"), [("note", "fake-address")]),
        (facts(found("198.18.0.1", "fake")), [("note", "fake-address")]),
        (facts(found("198.18.0.1", "fake"), dialled="silent"), [("error", "fake-address")]),
        (facts(Lookup("10.0.0.1", "address", ("10.0.0.1",), ("private",))), []),
        (Facts(lookups=(NONE,)), []),
        (Facts(lookups=(NONE,), ways=ways(via=PROXY)), []),
    ],
)
def test_each_failure_has_its_name(given: Facts, told: list[tuple[str, str]]) -> None:
    assert [(one.finding.severity, one.finding.reference) for one in causes(given)] == told


def test_two_hosts_without_a_name_server_are_one_cause() -> None:
    (cause,) = causes(facts(SILENT, replace(SILENT, host=STORAGE)))
    assert cause.hosts == {HUB, STORAGE}
    assert "hf.test and s3.hf.test" in cause.finding.message


def test_what_is_wrong_for_nobody_s_push_is_a_note() -> None:
    (cause,) = causes(Facts(ways=(Way("huggingface_hub", "hub", HUB, 443),), lookups=(NONE,)))
    assert cause.finding.severity == "note"
    assert not cause.explains


def test_a_proxy_that_knows_the_name_is_the_remedy() -> None:
    asking = Way("git", "hub", HUB, 443, "socks5://proxy.test:1080", "HTTPS_PROXY", "here", by="HTTPS_PROXY")
    other = Way("git-lfs", "hub", HUB, 443, PROXY, "HTTPS_PROXY", "proxy", by="HTTPS_PROXY")
    (cause,) = causes(Facts(ways=(asking, other), lookups=(NONE,), dials=(Dial(other.line),)))
    assert cause.finding.remedy[0] == 'export HTTPS_PROXY="socks5h://${HTTPS_PROXY#*://}"'
    assert any(PROXY in line for line in cause.finding.evidence)
    assert "spelt" not in str(cause.finding.remedy)


def test_a_line_of_the_hosts_file_is_taken_out_by_the_remedy() -> None:
    (cause,) = causes(facts(found("0.0.0.0", "sinkhole", line=7), dialled="refused"))
    assert "sed 7d /etc/hosts" in cause.finding.remedy[0]
    assert "line 7 of /etc/hosts says so" in cause.finding.evidence
    assert "connection-refused" in cause.explains


def test_a_sinkhole_that_shows_another_s_certificate_is_one_all_the_same() -> None:
    given = facts(found("127.0.0.1", "sinkhole"), dialled="ok")
    given = replace(given, judged=(Judged(STRAIGHT, "git", "other-name"),))
    assert [one.finding.reference for one in causes(given)] == ["dns-sinkhole"]


def test_a_private_address_of_a_host_of_the_internet_is_doubted_where_it_does_not_work() -> None:
    lookup = Lookup("huggingface.co", "ok", ("10.0.0.9",), ("private",))
    way = Way("git", "hub", "huggingface.co", 443)
    bad, good = Dial(way.line, "10.0.0.9", "silent"), Dial(way.line, "10.0.0.9", "ok")
    (cause,) = causes(Facts(ways=(way,), lookups=(lookup,), dials=(bad,)))
    assert (cause.finding.reference, cause.certain) == ("dns-sinkhole", False)
    assert list(causes(Facts(ways=(way,), lookups=(lookup,), dials=(good,)))) == []


def test_a_server_that_says_otherwise_is_named() -> None:
    asked = (Asked("10.0.0.53", "NOERROR", ("0.0.0.0",)), Asked("9.9.9.9", "NOERROR", ("18.1.2.3",)))
    (cause,) = causes(facts(replace(found("0.0.0.0", "sinkhole"), asked=asked), dialled="refused"))
    assert cause.finding.remedy[0].startswith("let 9.9.9.9 be the first name server")


def test_an_answer_that_comes_late_is_a_warning_once() -> None:
    asked = (Asked("10.0.0.53", "silent"), Asked("10.0.0.54", "NOERROR", ("10.1.1.1",)))
    late = [replace(found("10.1.1.1", "private", host), asked=asked, seconds=2.0) for host in (HUB, STORAGE)]
    (cause,) = causes(facts(*late, dialled="ok"))
    assert (cause.finding.severity, cause.finding.reference) == ("warning", "dns-silent")
    soon = [replace(one, seconds=0.1) for one in late]
    assert list(causes(facts(*soon, dialled="ok"))) == []


def test_a_server_for_which_the_next_one_waits_too_long_is_the_one_to_take_out() -> None:
    asked = (Asked("10.0.0.53", "silent"), Asked("10.0.0.54", "NOERROR", ("10.1.1.1",)))
    (cause,) = causes(facts(replace(SILENT, asked=asked)))
    assert cause.finding.reference == "dns-silent"
    assert "could not be looked at" in cause.finding.message
    assert "nameserver[[:space:]]*10[.]0[.]0[.]53" in cause.finding.remedy[0]
