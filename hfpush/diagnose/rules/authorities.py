"""Certificates that nobody believes, or some programs only: whose word counts where. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.machine import CLIENTS, Client
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.rules.opinions import Opinion, clients_in, is_of_another, opinions_of
from hfpush.diagnose.rules.who import PUBLISHING, listed, severity_for
from hfpush.findings import Finding, Severity

DEPTH = 33
SYMPTOMS = frozenset(
    {
        *("tls-untrusted", "tls-failed", "certificate-expired", "certificate-not-yet-valid", "certificate-other-host"),
        *("hub-unavailable", "not-a-hub", "connection-cut", "xet-untrusted"),
    }
)
"""What requests and logs say of a host whose certificate is not believed."""
_BUNDLE = '"$HOME/ca-bundle.pem"'
_SYSTEM = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/ssl/certs",
    "/etc/pki/tls/certs",
)
_VARIABLES = ("SSL_CERT_FILE", "GIT_SSL_CAINFO", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""No program reads all of them, and each program reads one."""


def causes(facts: Facts) -> Iterator[Cause]:
    """One for each issuer that somebody does not believe."""
    by_issuer: dict[str, list[Opinion]] = {}
    for one in opinions_of(facts):
        by_issuer.setdefault(one.certificate.issuer, []).append(one)
    for issuer, those in by_issuer.items():
        doubting = [
            one
            for one in those
            if one.judged.outcome in ("unknown-issuer", "other") and one.way.needed and not is_of_another(one)
        ]
        if doubting:
            yield _doubted(facts, issuer, those, doubting)


def _doubted(facts: Facts, issuer: str, those: Sequence[Opinion], doubting: Sequence[Opinion]) -> Cause:
    believing = [one for one in those if one.judged.outcome == "ok"]
    hosts = sorted({one.host for one in doubting})
    clients = clients_in(doubting)
    severity = severity_for(facts, clients)
    needed = [one for one in doubting if one.way.client in PUBLISHING]
    half = [one for one in needed if _knows_for_the_hub(facts, one, believing)]
    if half and len(half) == len(needed):
        finding = _hub_only(facts, issuer, half, believing, severity)
    elif believing:
        finding = _not_everywhere(issuer, believing, doubting, severity)
    else:
        finding = _nowhere(facts, issuer, doubting, severity)
    host = hosts[0] if len(hosts) == 1 else ""
    return Cause(finding, DEPTH, SYMPTOMS, frozenset(hosts), host)


def _knows_for_the_hub(facts: Facts, one: Opinion, believing: Sequence[Opinion]) -> bool:
    """Whether the client of this opinion about the storage takes the same authority's word for the Hub."""
    if one.way.target != "storage":
        return False
    mine = next((way for way in facts.ways_to("hub") if way.client == one.way.client), None)
    if mine is None or (mine.trust == one.way.trust and mine.verifies):
        return False
    return not mine.verifies or any(other.way == mine for other in believing)


def _hub_only(
    facts: Facts, issuer: str, half: Sequence[Opinion], believing: Sequence[Opinion], severity: Severity
) -> Finding:
    clients, host = clients_in(half), half[0].host
    hub = next(way for way in facts.ways_to("hub") if way.client == clients[0])
    named = [one for one in facts.machine.settings if "http.http" in one.key and "ssl" in one.key.lower()]
    evidence = [
        f"{host}: signed by {issuer or 'nobody known'}, which {listed(clients)} does not know for it",
        f"{hub.host}: the same authority, {_how_believed(hub)}",
        *(f"{one.key} = {one.value}" + _where(one.where, one.line) for one in named),
    ]
    file = _own_file([one for one in believing if one.way.target == "hub" and one.way.client in clients])
    return Finding(
        "ca-hub-only",
        f"{listed(clients)} is told to believe the certificate of {hub.host}, but not that of the storage {host}: "
        "the setting is for the Hub alone.",
        tuple(evidence),
        (
            *_bundle([*half, *believing], file),
            f"or for git and git-lfs alone: git config --global http.sslCAInfo {_BUNDLE}",
        ),
        severity,
    )


def _how_believed(way: Way) -> str:
    return f"believed by {listed(way.trust)}" if way.verifies else "which is not checked there"


def _where(file: str, line: int) -> str:
    return f"   ({file}{f', line {line}' if line else ''})" if file else ""


def _not_everywhere(
    issuer: str, believing: Sequence[Opinion], doubting: Sequence[Opinion], severity: Severity
) -> Finding:
    yes = [client for client in clients_in(believing) if client not in clients_in(doubting)] or clients_in(believing)
    no = [client for client in clients_in(doubting) if client in PUBLISHING] or clients_in(doubting)
    hosts = sorted({one.host for one in doubting})
    evidence = [
        f"{listed(hosts)}: signed by {issuer or 'nobody known'}",
        *_stores("believed by", believing),
        *_stores("not believed by", doubting),
    ]
    return Finding(
        "ca-not-everywhere",
        f"The certificate of {listed(hosts)} is signed by {issuer or 'an authority of its own'}, which {listed(yes)} "
        f"{_verb(yes, 'knows', 'know')} and {listed(no)} {_verb(no, 'does', 'do')} not.",
        tuple(evidence),
        _bundle([*believing, *doubting], _own_file(believing)),
        severity,
    )


def _nowhere(facts: Facts, issuer: str, doubting: Sequence[Opinion], severity: Severity) -> Finding:
    hosts, clients = sorted({one.host for one in doubting}), clients_in(doubting)
    who = issuer or "nobody who is named"
    between = "something in between reads along, or " if facts.question.real else ""
    evidence = [
        f"{listed(hosts)}: signed by {who}",
        *_stores("not believed by", doubting),
        *dict.fromkeys(f"{one.way.client}: {one.judged.said}" for one in doubting if one.judged.outcome == "other"),
    ]
    return Finding(
        "tls-untrusted",
        f"The certificate of {listed(hosts)} is signed by {who}, whom {listed(clients)} {_verb(clients, 'does', 'do')} "
        f"not know: {between}a private authority is not installed here.",
        tuple(evidence),
        (
            f"if {who} belongs to your network or your mirror: get its CA certificate from whoever runs that, in PEM "
            "form, as ca.pem",
            *_bundle(doubting, "ca.pem"),
            "if nobody there knows of it: somebody reads along; use another network",
        ),
        severity,
    )


def _bundle(opinions: Sequence[Opinion], file: str) -> tuple[str, ...]:
    """What makes one file of certificates for all programs, and names it to all. Each variable replaces the roots, so
    that the system's have to be in it. With no file of its own, the authority is among the system's roots."""
    loaded = [path for one in opinions for path in one.judged.trust]
    system = next((path for path in loaded if path in _SYSTEM[:5]), _SYSTEM[0])
    if not file:
        return (_export(shlex.quote(system)),)
    folder = "." not in file.rpartition("/")[2]
    more = f'"$(find -L {shlex.quote(file)} -type f -exec cat {{}} +)"'
    merge = f"(cat {shlex.quote(system)}; echo {more})" if folder else f"cat {shlex.quote(system)} {shlex.quote(file)}"
    return (f"{merge} > {_BUNDLE}", _export(_BUNDLE))


def _export(file: str) -> str:
    return "export " + " ".join(f"{name}={file}" for name in _VARIABLES)


def _own_file(believing: Sequence[Opinion]) -> str:
    """The file or folder by which the authority is believed, empty where it is among the system's. What hfpush has is
    everybody's, so that it says least."""
    if any(one.way.store == "system" for one in believing):
        return ""
    for one in sorted(believing, key=lambda one: one.way.client == "hfpush"):
        own = [path for path in one.judged.trust if path not in _SYSTEM and not path.endswith("/cacert.pem")]
        if own:
            return own[0]
    return ""


def _stores(how: str, opinions: Sequence[Opinion]) -> Iterator[str]:
    by_store: dict[str, list[Client]] = {}
    for one in opinions:
        store = ", ".join(one.judged.trust) or one.judged.store
        by_store.setdefault(store, []).append(one.way.client)
    for store, clients in by_store.items():
        yield f"{how} {listed(sorted(clients, key=CLIENTS.index))}, by {store}"


def _verb(subjects: Sequence[str], one: str, many: str) -> str:
    return one if len(subjects) == 1 else many
