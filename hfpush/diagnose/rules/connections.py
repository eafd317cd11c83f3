"""Straight connections that do not come about, and a family of addresses that leads nowhere. Pure.

What comes of proxies is said in proxies.py, and of packets that get lost in packets.py.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.connections import Dial, Outcome
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.rules.other_way import go_that_way, others_that_work, taken
from hfpush.diagnose.rules.who import by_whom, listed, programs, severity_for
from hfpush.findings import Finding, Severity

_DEPTH = 20
_REFERENCES: dict[Outcome, str] = {
    "silent": "connect-timeout",
    "refused": "connection-refused",
    "unreachable": "host-unreachable",
    "cut": "connection-cut",
}
_AFTER = frozenset({"stalled", "hub-unavailable", "storage-unavailable", "lfs-agent-slow-start"})


@dataclass(frozen=True)
class _Failed:
    """A straight line on which no connection comes about, and who takes it."""

    line: str
    outcome: Outcome
    dials: tuple[Dial, ...]
    ways: tuple[Way, ...]

    @property
    def host(self) -> str:
        return self.ways[0].host

    @property
    def place(self) -> str:
        return self.line.removesuffix(" straight")


def causes(facts: Facts) -> Iterator[Cause]:
    """One cause for each way in which connections fail, however many hosts it concerns."""
    failed = list(_failed(facts))
    for outcome in _REFERENCES:
        same = [one for one in failed if one.outcome == outcome]
        for severity in dict.fromkeys(severity_for(facts, by_whom(one.ways)) for one in same):
            yield _of(facts, [one for one in same if severity_for(facts, by_whom(one.ways)) == severity], severity)
    yield from _one_family(facts)


def _straight(facts: Facts) -> Iterator[tuple[str, tuple[Dial, ...], tuple[Way, ...]]]:
    for line in dict.fromkeys(one.line for one in facts.dials):
        ways = tuple(way for way in taken(facts, line) if not way.via)
        if ways:
            yield line, facts.dialled(line), ways


def _failed(facts: Facts) -> Iterator[_Failed]:
    for line, dials, ways in _straight(facts):
        if any(one.outcome == "ok" for one in dials) or all(one.outcome == "unresolved" for one in dials):
            continue
        # A family that this machine does not have is unreachable at once, and says nothing about the host.
        told = [one for one in dials if one.outcome in ("silent", "refused", "cut")] or list(dials)
        four = [one for one in told if ":" not in one.address] or told
        if four[0].outcome in _REFERENCES:
            yield _Failed(line, four[0].outcome, dials, ways)


def _of(facts: Facts, failed: Sequence[_Failed], severity: Severity) -> Cause:
    hosts = [one.host for one in failed]
    lines = [one.line for one in failed]
    ways = [way for one in failed for way in one.ways]
    others = [way for one in hosts for way in others_that_work(facts, one, lines)]
    outcome = failed[0].outcome
    certain = bool(others) or outcome != "silent"
    evidence = [_seen(dial) for one in failed for dial in one.dials]
    evidence += [f"by {way.via or 'a straight line'} {way.host} is reached ({way.client})" for way in others[:1]]
    evidence += [f"{name} answers" for name in _answering(facts, lines)[:1]]
    message = _message(outcome, listed(one.place for one in failed), programs(ways), by=_through(others))
    finding = _finding(outcome, message, tuple(evidence), (*go_that_way(others), *_remedy(failed)), severity)
    return Cause(finding, _DEPTH, _AFTER if severity == "error" else frozenset(), frozenset(hosts), hosts[0], certain)


def _finding(
    outcome: Outcome, message: str, evidence: tuple[str, ...], remedy: tuple[str, ...], severity: Severity
) -> Finding:
    if outcome == "silent":
        return Finding("connect-timeout", message, evidence, remedy, severity)
    if outcome == "refused":
        return Finding("connection-refused", message, evidence, remedy, severity)
    if outcome == "unreachable":
        return Finding("host-unreachable", message, evidence, remedy, severity)
    return Finding("connection-cut", message, evidence, remedy, severity)


def _seen(dial: Dial) -> str:
    words = {"silent": "no answer", "refused": "refused", "unreachable": "no way", "cut": "cut", "ok": "connected"}
    said = dial.said or words.get(dial.outcome, dial.outcome)
    return f"{dial.line}, at {dial.address or 'no address'}: {said}"


def _answering(facts: Facts, failing: Sequence[str]) -> list[str]:
    """Other straight lines that work: the network is there."""
    return [line for line, dials, _ in _straight(facts) if line not in failing and _is_ok(dials)]


def _is_ok(dials: Sequence[Dial]) -> bool:
    return any(one.outcome == "ok" for one in dials)


def _through(others: Sequence[Way]) -> str:
    return next((way.via for way in others if way.via), "")


def _message(outcome: Outcome, places: str, who: str, *, by: str) -> str:
    but = f", though through {by} it is reached" if by else ""
    if outcome == "refused":
        return f"Connections to {places} are refused{but}: {who} cannot connect."
    if outcome == "unreachable":
        return f"There is no way from this machine to {places}{but}: {who} cannot connect."
    if outcome == "cut":
        return f"Connections to {places} are cut at once{but}: {who} cannot connect."
    doubt = "" if by else " Whether the host is down or a firewall drops the packets cannot be told from here."
    return f"Connections to {places} get no answer{but}: {who} cannot connect.{doubt}"


def _remedy(failed: Sequence[_Failed]) -> tuple[str, ...]:
    proxy = "export HTTPS_PROXY=http://HOST:PORT   # a proxy, if this network has one"
    mirror = "hfpush endpoint ls   # other endpoints; take one that can be reached with --endpoint NAME"
    outcome, host = failed[0].outcome, shlex.quote(failed[0].host)
    if outcome == "refused":
        return (
            f"check the host and port: {failed[0].place}; and that what should listen there runs",
            "nft list ruleset   # as root; a firewall of this machine may refuse it, too",
            proxy,
        )
    if outcome == "unreachable":
        address = next((one.address for one in failed[0].dials if one.address), host)
        return (
            f"ip route get {shlex.quote(address)}   # says which way this machine would take, or none",
            "bring up the network or VPN that leads there; or ask who runs the firewall that says no",
            proxy,
        )
    return (proxy, mirror, f"ask who runs this network whether connections to {failed[0].place} are allowed")


# ---------------------------------------------------------------------------------------------------- one family only


def _one_family(facts: Facts) -> Iterator[Cause]:
    broken: list[tuple[str, tuple[Dial, ...], tuple[Way, ...]]] = []
    for line, dials, ways in _straight(facts):
        four = [one for one in dials if ":" not in one.address]
        six = [one for one in dials if ":" in one.address]
        # Where IPv6 is refused or is not there at all, programs go on to IPv4 at once.
        if _is_ok(four) and six and all(one.outcome == "silent" for one in six):
            broken.append((line, dials, ways))
    if not broken:
        return
    hosts = tuple(dict.fromkeys(ways[0].host for _, _, ways in broken))
    waiting = [way for _, _, ways in broken for way in ways if way.client == "huggingface_hub"]
    message = (
        f"IPv6 leads nowhere to {listed(hosts)}, only IPv4 does: programs in Python (huggingface_hub, requests) wait"
        " a long time for every connection, while git, git-lfs and hfpush go on to IPv4 at once."
    )
    evidence = tuple(_seen(one) for _, dials, _ in broken for one in dials)
    remedy = (
        "echo 'precedence ::ffff:0:0/96 100' >>/etc/gai.conf   # as root; IPv4 first, for all programs",
        "sysctl -w net.ipv6.conf.all.disable_ipv6=1   # as root; no IPv6 at all, until the next start",
    )
    severity: Severity = "warning" if waiting else "note"
    finding = Finding("ipv6-broken", message, evidence, remedy, severity)
    yield Cause(finding, _DEPTH + 5, hosts=frozenset(hosts), host=hosts[0])
