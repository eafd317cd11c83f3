"""What the lines of a log mean on this machine and its network, as the probes find them now. Pure.

A line says what happened once. Where the probes find the same way broken, their finding is told, with the line as
evidence (diagnose/heard.py); where they find it whole, that is said, and nothing is certain; where nobody looked, the
line stands alone. What has two meanings is decided by what else is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.log import LogLine
from hfpush.diagnose.rules.log_sentences import sentence
from hfpush.findings import Severity

_DEPTH = 80
# What leads a client astray, so that it meets silence, or somebody else, where it goes.
_ASTRAY = {
    *("wrapper-bypassed", "all-proxy-ignored", "proxy-hub-only", "proxy-not-off", "no-proxy-differs"),
    *("ssh-lfs-over-https", "proxy-key-unknown", "proxy-password-unescaped", "proxy-scheme-unsupported"),
}
_NAMES = {"name-unresolved", "dns-failing", "dns-silent", "dns-sinkhole"}
_UNREACHED = {"connect-timeout", "connection-refused", "host-unreachable", "ipv6-broken", "fake-address", *_NAMES}
_SHAKEN = {
    *("tls-reset", "tls-closed", "tls-flaky", "tls-silent", "tls-name-filtered", "mtu-black-hole", "connection-cut"),
    *("stalled", "tls-plaintext", "tls-failed", "http2-broken"),
}
_PROXY = {
    *("proxy-login", "proxy-refused", "proxy-failed", "proxy-unusable", "proxy-lost-way", "proxy-unanswered"),
    *("proxy-password-unescaped", "proxy-scheme-unsupported", "socks-support-missing"),
}
_BELIEVED = {
    *("tls-untrusted", "ca-not-everywhere", "ca-hub-only", "certificate-expired", "certificate-not-yet-valid"),
    *("certificate-other-host", "clock-skewed", "xet-untrusted"),
}
_ANSWERED = {"captive-portal", "not-a-hub", "redirect-refused", "redirect-insecure", "mirror-half"}
_KNOWN = {"token-missing", "token-refused", "password-not-token", "no-permission", "repo-not-found", "repo-gated"}
_STORED = {
    *("lease-refused", "signature-mismatch", "clock-skewed", "storage-refused", "storage-unavailable"),
    *("object-too-large", "request-too-large", "storage-full", "hub-quota"),
}
_MOVED = {"stalled", "mtu-black-hole", "proxy-buffers", "line-slow", "proxy-lost-way", "connection-cut"}
_FAMILIES: tuple[tuple[frozenset[str], frozenset[str]], ...] = tuple(
    (frozenset(lines), frozenset(findings))
    for lines, findings in (
        (_UNREACHED, _UNREACHED | _ASTRAY | _PROXY),
        (_SHAKEN - {"stalled", "http2-broken"}, _SHAKEN | _PROXY | _ASTRAY | {"captive-portal"}),
        (
            {"stalled", "proxy-buffers"},
            _MOVED | _UNREACHED | _ASTRAY | _SHAKEN | {"lfs-agent-slow-start", "rate-limited"},
        ),
        (_PROXY, _PROXY | {"wrapper-bypassed"}),
        (_BELIEVED, _BELIEVED | _ANSWERED | _NAMES),
        (_ANSWERED, _ANSWERED),
        (_KNOWN, _KNOWN | {"token-to-mirror", "repo-disabled"}),
        (_STORED, _STORED),
        ({"connection-cut"}, _MOVED | {"request-too-large", "lfs-agent-missing"}),
        ({"lfs-agent-died", "lfs-agent-missing"}, {"lfs-agent-died", "lfs-agent-missing", "object-too-large"}),
        ({"git-lfs-panics", "hub-unavailable"}, {"rate-limited"}),
        ({"xet-blocked", "xet-missing"}, {"xet-blocked", "xet-missing", "xet-untrusted"}),
        ({"push-timeout", "too-many-files"}, {"repo-crowded", "too-many-files"}),
        ({"object-not-on-hub"}, {"tracking-stale", "lfs-hook-missing", "object-missing"}),
        ({"should-be-pointer"}, {"pointer-broken", "attributes-shadowed"}),
    )
)
_OF_LINES = _UNREACHED | _SHAKEN | _PROXY | {"proxy-buffers"}
"""What a probe of the same way would see again, if it were still so."""
_SEVERITIES: dict[str, Severity] = {"locks-unsupported": "note", "token-in-remote": "warning"}


def causes(facts: Facts) -> Iterator[Cause]:
    """One for each line that was understood, the first one before the others."""
    for at, line in enumerate(facts.log):
        yield _cause(_meant(line, facts), facts, at)


def _cause(line: LogLine, facts: Facts, at: int) -> Cause:
    now = _now(line, facts)
    severity: Severity = _SEVERITIES.get(line.reference, "warning" if now is True else "error")
    words = ""
    if line.past:
        severity, words = "note", "Later in the log a push went well."
    elif now is True:
        words = "The probes find nothing of it now."
    where = f"the log, line {line.number}" if line.number else "the log ends with"
    found = sentence(
        line.reference,
        who=line.client or "the program",
        host=line.host,
        detail=line.detail,
        evidence=(f"{where}: {line.text}",),
        severity=severity,
        now=words,
    )
    return Cause(
        found,
        depth=_DEPTH + min(at, 9),
        host="" if line.plane in ("proxy", "here") else line.host,
        explains=frozenset(_UNREACHED if line.reference in _ASTRAY else ()),
        certain=line.certain and now is not True and not line.past,
        heard=accounting_for(line.reference),
    )


def accounting_for(reference: str) -> frozenset[str]:
    """References of what the probes may find where a program says so: the same trouble, or what brings it about."""
    return frozenset({reference}).union(*(findings for lines, findings in _FAMILIES if reference in lines))


def _meant(line: LogLine, facts: Facts) -> LogLine:
    """The line, where something known of this machine says what it means."""
    agent = facts.repository.multipart
    if line.reference == "connection-cut" and line.plane == "here" and line.text.startswith("EOF") and agent:
        gone = any(one.reference == "lfs-agent-missing" for one in facts.noted)
        return replace(line, reference="lfs-agent-missing" if gone else "lfs-agent-died", detail=agent)
    # Of these clients httpx alone does not say that it was a proxy whom it could not reach.
    proxied = line.client == "huggingface_hub" and any(
        way.via and way.client == line.client and (not line.host or way.host == line.host) for way in facts.ways
    )
    if line.reference in _UNREACHED and (proxied or (line.host and line.host in _proxies(facts))):
        return replace(line, reference="proxy-failed", plane="proxy")
    return line


def _proxies(facts: Facts) -> set[str]:
    """The hosts of the proxies that any client would take."""
    places = (way.via.partition("://")[2].rpartition("@")[2] for way in facts.ways if way.via)
    return {place.strip("/").rpartition(":")[0].strip("[]") or place for place in places}


def _now(line: LogLine, facts: Facts) -> bool | None:
    """Whether the way that the line speaks of works now; None where nobody tried, or trying does not tell."""
    if line.reference not in _OF_LINES or not line.host:
        return None
    ways = [way for way in facts.ways if way.host == line.host]
    own = [way for way in ways if way.client == line.client] or ways
    tried = [facts.works(way.line) for way in own]
    if not tried or None in tried:
        return None
    return all(tried)
