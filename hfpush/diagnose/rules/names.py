"""Names that do not resolve, and names that resolve to what cannot be right. Pure.

Only what somebody asks this machine for counts: a proxy that resolves names itself needs no name server here.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.names import Kind, Lookup
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.rules.other_way import asking, go_that_way, others_that_work, out_of_hosts, resolve_there
from hfpush.diagnose.rules.who import PUBLISHING, by_whom, listed, programs, severity_for
from hfpush.findings import Finding

_DEPTH = 10
_LATE_SECONDS = 1.0
_OF_THE_INTERNET = ("huggingface.co", "hf.co", "amazonaws.com", "cloudfront.net")
_SYMPTOMS = frozenset(
    {
        *("connection-refused", "connect-timeout", "host-unreachable", "connection-cut"),
        *("certificate-other-host", "tls-untrusted", "ca-not-everywhere", "tls-plaintext", "tls-silent", "tls-reset"),
        *("tls-closed", "tls-name-unknown", "captive-portal", "not-a-hub"),
    }
)
_ELSEWHERE = "export HTTPS_PROXY=socks5h://HOST:PORT   # a proxy that resolves names itself, if there is one"


def causes(facts: Facts) -> Iterator[Cause]:
    """One cause for what is wrong with the name servers, whatever the number of names; one for each wrong address."""
    failed = [one for one in facts.lookups if one.failed and asking(facts, one.host)]
    for outcome in ("no-such-name", "server-failure", "no-answer"):
        same = [one for one in failed if one.outcome == outcome]
        if same:
            yield _unresolved(facts, same)
    for lookup in facts.lookups:
        if lookup.outcome == "ok" and asking(facts, lookup.host):
            yield from _led_astray(facts, lookup)
    yield from _slow(facts)


# ---------------------------------------------------------------------------------------------------- no address


def _unresolved(facts: Facts, lookups: Sequence[Lookup]) -> Cause:
    hosts = [one.host for one in lookups]
    askers = [way for one in hosts for way in asking(facts, one)]
    failing = list({way.line for way in askers})
    others = [way for one in hosts for way in others_that_work(facts, one, failing)]
    evidence = [line for one in lookups for line in _said(one)]
    evidence += [f"by {way.via} {way.host} is reached ({way.client}: {way.why})" for way in others[:1] if way.via]
    no_network = all(one.asked and all(each.said == "unreachable" for each in one.asked) for one in lookups)
    ways_round = _told_to_resolve(askers) or go_that_way(others)
    finding = _no_network(lookups) if no_network else _of_outcome(lookups, askers, ways_round, known=bool(others))
    severity = severity_for(facts, by_whom(askers))
    finding = Finding(finding.reference, finding.message, tuple(dict.fromkeys(evidence)), finding.remedy, severity)
    symptoms = _SYMPTOMS | {"name-unresolved", "dns-failing", "dns-silent"} if severity == "error" else frozenset()
    return Cause(finding, _DEPTH, symptoms - {finding.reference}, frozenset(hosts), hosts[0])


def _of_outcome(lookups: Sequence[Lookup], askers: Sequence[Way], ways_round: Sequence[str], *, known: bool) -> Finding:
    hosts, who = listed(one.host for one in lookups), programs(askers)
    servers = listed(server for one in lookups for server in one.servers)
    other_server = "name another server in /etc/resolv.conf, or where this machine's network is set up"
    check = f"getent ahosts {shlex.quote(lookups[0].host)}   # says whether it works"
    if lookups[0].outcome == "no-such-name":
        but = ", though a proxy knows it" if known else ""
        message = f"This machine's DNS says that there is no {hosts}{but}: {who} cannot connect."
        spelling = [f"check how {hosts} is spelt, in the endpoint and in the remote"]
        if known or all(way.target == "storage" for way in askers):
            spelling = []
        network = "if the name is right, this network's DNS hides it: use another name server or network"
        return Finding("name-unresolved", message, remedy=(*ways_round, *spelling, network, _ELSEWHERE, check))
    if lookups[0].outcome == "server-failure":
        if all(each.said == "no-server" for one in lookups for each in one.asked):
            message = f"No name server runs at {servers}, which this machine asks for {hosts}: {who} cannot connect."
        else:
            message = f"This machine's name server ({servers}) fails when asked for {hosts}: {who} cannot connect."
        return Finding("dns-failing", message, remedy=(*ways_round, other_server, _ELSEWHERE, check))
    silent = listed(each.server for one in lookups for each in one.asked if each.said == "silent") or servers
    message = f"This machine's name server ({silent}) does not answer when asked for {hosts}: {who} cannot connect."
    if all(any(each.addresses for each in one.asked) for one in lookups):  # the resolver asks them one after the other
        message = (
            f"This machine's name server ({silent}) does not answer, and the next one is asked too late: {who} wait for"
            f" many seconds, or in vain, for {hosts}. Whether the rest works could not be looked at."
        )
        other_server = _take_out(silent.split()[0].rstrip(","))
    return Finding("dns-silent", message, remedy=(*ways_round, other_server, _ELSEWHERE, check))


def _no_network(lookups: Sequence[Lookup]) -> Finding:
    servers = listed(server for one in lookups for server in one.servers)
    message = f"This machine has no network: there is no way even to its name server {servers}."
    connect = "connect this machine to a network, or bring up its VPN; then run the same command again"
    return Finding("host-unreachable", message, remedy=(connect, "ip route   # lists the ways that it knows"))


def _said(lookup: Lookup) -> tuple[str, ...]:
    """What was heard about a name, a line for each who said something."""
    lines = [f"{lookup.host}: {lookup.said or lookup.outcome} (the system's resolver, after {lookup.seconds:.1f} s)"]
    words = {"no-server": "nothing listens there", "silent": "no answer", "unreachable": "there is no way to it"}
    for one in lookup.asked:
        said = words.get(one.said, f"answers {one.said}")
        lines.append(f"name server {one.server}, asked for {lookup.host}: {' '.join((said, *one.addresses))}")
    return tuple(lines)


def _told_to_resolve(askers: Sequence[Way]) -> tuple[str, ...]:
    """Where names are resolved here only since the proxy's address says so: the same one, asked to do it."""
    way = next((one for one in askers if one.via.lower().startswith("socks5://")), None)
    return () if way is None else resolve_there(way)


# ---------------------------------------------------------------------------------------------------- wrong addresses


def _led_astray(facts: Facts, lookup: Lookup) -> Iterator[Cause]:
    askers = asking(facts, lookup.host)
    lines = list(dict.fromkeys(way.line for way in askers))
    believed = not any(one.line in lines and one.outcome == "other-name" for one in facts.judged)
    works = [facts.works(line) for line in lines]
    well = believed and True in works
    if lookup.all_are("fake"):
        yield from _fake(facts, lookup, askers, well=well, tried=any(one is not None for one in works))
        return
    kind = _sort(lookup)
    if kind is None or well:
        return
    others = others_that_work(facts, lookup.host, lines)
    address = lookup.addresses[0]
    message = (
        f"The name {lookup.host} leads to {address}, which is not its address: {programs(askers)} cannot reach it."
    )
    if kind == "private":
        message = (
            f"The name {lookup.host} leads to {address}, an address of a private network, and does not work there;"
            " whether that is meant to be so cannot be told from here."
        )
    evidence = [f"{lookup.host} resolves to {listed(lookup.addresses)}", *_source(lookup)]
    evidence += [f"by {way.via} it is reached ({way.client}: {way.why})" for way in others[:1] if way.via]
    remedy = (*out_of_hosts(lookup), *_told_to_resolve(askers), *go_that_way(others), *_better_server(lookup))
    if not lookup.hosts_line:
        remedy = (
            *remedy,
            "ask who runs this network's DNS to let the name through, or name another server",
            _ELSEWHERE,
        )
    severity = severity_for(facts, by_whom(askers))
    finding = Finding("dns-sinkhole", message, tuple(evidence), remedy, severity)
    symptoms = _SYMPTOMS if severity == "error" else frozenset()
    yield Cause(finding, _DEPTH + 1, symptoms, frozenset({lookup.host}), lookup.host, certain=kind == "sinkhole")


def _sort(lookup: Lookup) -> Kind | None:
    """Why the addresses cannot be right; None where they may be."""
    if lookup.all_are("sinkhole"):
        return "sinkhole"
    host = lookup.host.lower().rstrip(".")
    known = any(host == one or host.endswith(f".{one}") for one in _OF_THE_INTERNET)
    return "private" if known and lookup.all_are("private") else None


def _source(lookup: Lookup) -> tuple[str, ...]:
    if lookup.hosts_line:
        return (f"line {lookup.hosts_line} of /etc/hosts says so",)
    return tuple(
        f"name server {one.server} says: {' '.join(one.addresses) or one.said}"
        for one in lookup.asked
        if one.addresses or one.said == "NXDOMAIN"
    )


def _better_server(lookup: Lookup) -> tuple[str, ...]:
    wrong = set(lookup.addresses)
    better = [one.server for one in lookup.asked if one.addresses and not wrong & set(one.addresses)]
    return (f"let {better[0]} be the first name server in /etc/resolv.conf: it knows the address",) if better else ()


def _fake(facts: Facts, lookup: Lookup, askers: Sequence[Way], *, well: bool, tried: bool) -> Iterator[Cause]:
    address = lookup.addresses[0]
    evidence = (f"{lookup.host} resolves to {listed(lookup.addresses)}", *_source(lookup))
    if well or not tried:
        message = f"{lookup.host} has a made-up address here ({address}), as Clash and sing-box give while they run."
        more = ("nothing, as long as it runs; programs keep such an address for a while when it is stopped",)
        yield Cause(Finding("fake-address", message, evidence, more, "note"), _DEPTH + 2, host=lookup.host)
        return
    message = (
        f"{lookup.host} has a made-up address ({address}), as Clash and sing-box give, and nothing there carries it on:"
        f" {programs(askers)} cannot reach it."
    )
    again = "start Clash or sing-box again with its TUN on, or stop it and let the names be forgotten:"
    remedy = (again, "resolvectl flush-caches   # where systemd-resolved is used")
    severity = severity_for(facts, by_whom(askers))
    finding = Finding("fake-address", message, evidence, remedy, severity)
    symptoms = _SYMPTOMS if severity == "error" else frozenset()
    yield Cause(finding, _DEPTH + 2, symptoms, frozenset({lookup.host}), lookup.host)


# ---------------------------------------------------------------------------------------------------- late answers


def _slow(facts: Facts) -> Iterator[Cause]:
    late = [one for one in facts.lookups if one.outcome == "ok" and one.seconds >= _LATE_SECONDS]
    late = [one for one in late if any(way.client in PUBLISHING for way in asking(facts, one.host))]
    silent = [each.server for one in late for each in one.asked if each.said in ("silent", "unreachable")]
    if not silent:
        return
    message = f"The name server {listed(silent)} does not answer: every name takes seconds, until the next is asked."
    evidence = tuple(line for one in late for line in _said(one)[1:])
    yield Cause(Finding("dns-silent", message, evidence, (_take_out(silent[0]),), "warning"), _DEPTH)


def _take_out(server: str) -> str:
    """The command that takes a name server out of the resolver's list; as with the hosts file, written into it."""
    line = f"^nameserver[[:space:]]*{server.replace('.', '[.]')}[[:space:]]*$"
    kept = f"servers=$(sed '/{line}/d' /etc/resolv.conf)"
    return f"""{kept} && printf '%s\n' "$servers" >/etc/resolv.conf   # as root; or where that file is made"""
