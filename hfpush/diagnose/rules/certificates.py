"""Certificates of another host, or out of their time, and files of certificates that cannot be used. Pure.

Who believes whom is in rules/authorities.py.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone

from hfpush import units
from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.rules.authorities import SYMPTOMS
from hfpush.diagnose.rules.opinions import Opinion, clients_in, is_of_another, lines_in, opinions_of
from hfpush.diagnose.rules.other_way import go_that_way, out_of_hosts
from hfpush.diagnose.rules.who import listed, severity_for
from hfpush.findings import Finding, Severity

_CLOCK_SECONDS = 300.0
_FILE = re.compile(r"\((.+), line \d+\)")
_VARIABLE = re.compile(r"\b[A-Z]+(?:_[A-Z]+)+\b")
_CLOCK = "check this machine's clock: date -u; set it with, for example: timedatectl set-ntp true"


def causes(facts: Facts) -> Iterator[Cause]:
    """One for each file that cannot be used, and each host whose certificate is another's or out of its time."""
    opinions = [one for one in opinions_of(facts) if one.way.needed]
    yield from _unusable(facts, opinions)
    yield from _of_others(facts, opinions)
    yield from _out_of_time(facts, opinions)


def _cause(finding: Finding, hosts: Sequence[str], certain: bool = True, depth: int = 32) -> Cause:
    host = hosts[0] if len(set(hosts)) == 1 else ""
    return Cause(finding, depth, SYMPTOMS, frozenset(hosts), host, certain)


# ---------------------------------------------------------------------- files


def _unusable(facts: Facts, opinions: Sequence[Opinion]) -> Iterator[Cause]:
    those = [one for one in opinions if one.judged.outcome == "unusable-store"]
    for said in dict.fromkeys(one.judged.said for one in those):
        mine = [one for one in those if one.judged.said == said]
        clients = clients_in(mine)
        path = said.partition(": ")[0]
        by = min((one.judged.store for one in mine), key=len).removeprefix("system and ")
        are = "is" if len(clients) == 1 else "are"
        finding = Finding(
            "ca-file-unusable",
            f"The file with certificates that {listed(clients)} {are} told to use cannot be used: {path}.",
            (said, f"it is named by {by}"),
            (*_taken_away(by), f"or name a file of certificates in PEM form in {by}"),
            severity_for(facts, clients),
        )
        yield Cause(finding, 4, SYMPTOMS | {"ca-file-unusable"}, frozenset(one.host for one in mine))


def _taken_away(by: str) -> tuple[str, ...]:
    """The commands that take settings away: variables, or a key of git's with its file and line."""
    variables = _VARIABLE.findall(_FILE.sub("", by))
    if variables:
        return (f"unset {' '.join(variables)}",)
    key = by.partition(" ")[0]
    file = _FILE.search(by)
    where = f"--file {shlex.quote(file[1])}" if file else "--global"
    return (f"git config {where} --unset {shlex.quote(key)}",) if key.startswith("http.") else ()


# ---------------------------------------------------------------------- hosts and times


def _of_others(facts: Facts, opinions: Sequence[Opinion]) -> Iterator[Cause]:
    for host in dict.fromkeys(one.host for one in opinions if is_of_another(one)):
        those = [one for one in opinions if one.host == host and is_of_another(one)]
        certificate, clients = those[0].certificate, clients_in(those)
        better = [one for one in opinions if one.host == host and one.judged.outcome == "ok"]
        lookup = facts.lookup(host)
        names = listed(certificate.names[:4], "or") or certificate.subject or "nobody"
        evidence = [f"{line}: the certificate is for {names}" for line in lines_in(those)]
        evidence += [f"it is signed by {certificate.issuer}"] if certificate.issuer else []
        if lookup is not None and lookup.addresses:
            source = f", by line {lookup.hosts_line} of /etc/hosts" if lookup.hosts_line else ""
            evidence.append(f"{host} resolves to {', '.join(lookup.addresses)} here{source}")
        evidence += [f"{line}: the right certificate" for line in lines_in(better)]
        remedy = (
            *go_that_way([one.way for one in better]),
            *(() if lookup is None else out_of_hosts(lookup)),
            f"see where the name leads: getent hosts {host}; a line for it in /etc/hosts goes before DNS",
            "if this network has a login page, open any page in a browser and log in",
            "let a proxy resolve names, which does not ask this network: export HTTPS_PROXY=socks5h://PROXY:PORT",
        )
        message = f"What answers at {host} from here is another host: its certificate is for {names}."
        finding = Finding("certificate-other-host", message, tuple(evidence), remedy, severity_for(facts, clients))
        yield _cause(finding, [host], depth=31)


def _out_of_time(facts: Facts, opinions: Sequence[Opinion]) -> Iterator[Cause]:
    late = [one for one in opinions if one.judged.outcome in ("expired", "not-yet")]
    aheads = [one.judged.ahead for one in late if one.judged.ahead is not None]
    if aheads and abs(aheads[0]) >= _CLOCK_SECONDS:
        yield _clock(late, aheads[0], severity_for(facts, clients_in(late)))
        return
    for host in dict.fromkeys(one.host for one in late if not is_of_another(one)):
        those = [one for one in late if one.host == host]
        certificate, clients = those[0].certificate, clients_in(those)
        early = those[0].judged.outcome == "not-yet"
        asked = [one for one in those if one.judged.ahead is not None]
        evidence = [
            f"it is valid from {_day(certificate.begins)} to {_day(certificate.ends)}",
            f"this machine's clock says {_day(facts.question.at)}"
            + (", and that server's clock agrees" if asked else ""),
            *(["it is signed by " + certificate.issuer] if certificate.issuer else []),
        ]
        when = "is not valid yet" if early else "has expired"
        renew = f"whoever runs {host} has to renew its certificate"
        own = (renew,) if asked else (_CLOCK, f"if the clock is right: {renew}")
        doubt = "" if asked else "; or this machine's clock is wrong"
        finding = Finding(
            "certificate-not-yet-valid" if early else "certificate-expired",
            f"The certificate of {host} {when}{doubt}.",
            tuple(evidence),
            (*own, "until then use another endpoint: hfpush endpoint ls"),
            severity_for(facts, clients),
        )
        yield _cause(finding, [host], bool(asked), depth=32)


def _clock(late: Sequence[Opinion], ahead: float, severity: Severity) -> Cause:
    how = "behind" if ahead > 0 else "ahead of"
    hosts = sorted({one.host for one in late})
    one = late[0]
    finding = Finding(
        "clock-skewed",
        f"This machine's clock is wrong, by {units.duration(abs(ahead))}: the certificate of {listed(hosts)} seems to "
        "be out of its time.",
        (
            f"it is {how} the clock of {one.host}",
            f"the certificate is valid from {_day(one.certificate.begins)} to {_day(one.certificate.ends)}",
        ),
        ("sudo timedatectl set-ntp true", "then see whether it is right: date -u"),
        severity,
    )
    return Cause(finding, 30, SYMPTOMS, frozenset(hosts))


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
