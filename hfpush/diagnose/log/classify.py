"""What a log says was wrong, as far as its own words go: each trouble once, in the order of the first line of each.

Secrets are taken out before anything is looked for. What the rest of a report makes of it (that a lonely EOF means an
agent that died, that a proxy was meant) is rules/log.py's business.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import BinaryIO

from hfpush.diagnose.facts.log import LogLine, Plane
from hfpush.diagnose.log.clean import clean, plain, shows_token
from hfpush.diagnose.log.context import Context, host_in
from hfpush.diagnose.log.lines import lines
from hfpush.diagnose.log.signature import Signature
from hfpush.diagnose.log.words_hub import ACCOUNT, ANSWERS, RULES
from hfpush.diagnose.log.words_lfs import HARMLESS, HERE, LFS, XET
from hfpush.diagnose.log.words_paths import CONNECTIONS, NAMES, PROXIES, SSH
from hfpush.diagnose.log.words_tls import CERTIFICATES, CUTS, HANDSHAKES

# The first that fits a line counts.
SIGNATURES: tuple[Signature, ...] = (
    *(*HARMLESS, *SSH, *RULES, *PROXIES, *ACCOUNT, *CERTIFICATES, *XET, *HANDSHAKES, *NAMES, *CONNECTIONS, *CUTS),
    *(*HERE[:4], *ANSWERS, *LFS, *HERE[4:]),
)
_REMARK = re.compile(r"(?:\S+ +http\.c:\d+ +)?(?:==|\*) ")
"""What libcurl remarks on its way; what it comes to is said at the end."""
_UNCONNECTED = ("connection-refused", "connect-timeout", "host-unreachable", "name-unresolved")
_HARMLESS = tuple(one for one in SIGNATURES if not one.reference)
_TROUBLES = tuple(one for one in SIGNATURES if one.reference)
_NEEDLES = tuple(dict.fromkeys(one.needle for one in _TROUBLES))
MOST = 40
"""As many troubles as are kept of one log; later ones are left out."""
# The same answer means another thing when another host gives it.
_OF_STORAGE = {
    "no-permission": LogLine("lease-refused"),
    "token-refused": LogLine("lease-refused"),
    "repo-not-found": LogLine("storage-refused"),
    "hub-unavailable": LogLine("storage-unavailable"),
}
_OF_HUB = {
    "lease-refused": LogLine("no-permission"),
    "storage-refused": LogLine("hub-refused"),
    "storage-unavailable": LogLine("hub-unavailable"),
    "proxy-buffers": LogLine("stalled"),
}


def read_log(stream: BinaryIO, *, hub_hosts: Collection[str]) -> tuple[LogLine, ...]:
    """The troubles that a log tells of. `hub_hosts` are names under which the Hub, or what stands for it, is reached;
    what takes an object and is none of them counts as its storage.

    Anything can be read: what is no log, or none of these programs', tells of nothing. Never raises on content.
    """
    context = Context(hub_hosts)
    strong: dict[tuple[str, str], LogLine] = {}
    weak: dict[tuple[str, str], LogLine] = {}
    for number, raw in lines(stream):
        shown = plain(raw)
        if context.passes(shown):
            continue
        small = shown.lower()
        if shows_token(raw):
            line = LogLine("token-in-remote", clean(raw), number, plane="here", certain=True)
            strong.setdefault((line.reference, ""), line)
        context.note(shown, small)
        if context.went_well(shown):
            strong = {key: replace(line, past=True) for key, line in strong.items()}
            weak.clear()
            continue
        if any(one.found(shown, small) for one in _HARMLESS):
            continue
        found = _first(raw, small, number, context)
        if found is None:
            continue
        line, faint = found
        kept = weak if faint else strong
        if len(kept) < MOST:
            _keep(kept, line)
    told = _without_echoes(strong.values(), context) or tuple(weak.values())
    if not any(not line.past for line in told) and (stuck := context.stuck()) is not None:
        return (stuck, *told)
    return told


def _first(raw: str, small: str, number: int, context: Context) -> tuple[LogLine, bool] | None:
    """The line as the first signature that fits has it, and whether it is a weak one; None where none fits."""
    if not any(needle in small for needle in _NEEDLES):
        return None
    text = clean(raw)
    small = text.lower()
    for one in _TROUBLES:
        match = one.found(text, small)
        if match is None:
            continue
        given = {name: value for name, value in match.groupdict().items() if value}
        host = clean(given.get("host") or context.host_of(text)).lower().rstrip(".")
        plane: Plane = one.plane or context.plane_of(host, text)
        line = LogLine(
            reference=one.reference,
            text=text,
            number=number,
            client=one.client or context.client_of(text),
            host=host,
            address=given.get("address", "").strip("[]"),
            detail=(given.get("detail") or given.get("status") or "")[:200],
            certain=one.certain,
            plane=plane,
        )
        return _of_proxy(context.sharper(_of(line))), one.weak or _REMARK.match(text) is not None
    return None


def _of_proxy(line: LogLine) -> LogLine:
    """A line about connecting to a host that is not the one of the URL speaks of a proxy."""
    asked = host_in(line.text)
    if line.reference not in _UNCONNECTED or line.plane == "ssh" or not asked or asked == line.host:
        return line
    return replace(line, reference="proxy-failed", host=asked, address=line.host, plane="proxy")


def _of(line: LogLine) -> LogLine:
    table = {"storage": _OF_STORAGE, "hub": _OF_HUB}.get(line.plane, {})
    return replace(line, reference=table.get(line.reference, line).reference)


def _keep(kept: dict[tuple[str, str], LogLine], line: LogLine) -> None:
    """Keep the first line of each trouble, and of two that differ in that only one names a host, that one."""
    host = "" if line.plane == "here" else line.host
    if (line.reference, host) in kept or (not host and any(name == line.reference for name, _ in kept)):
        return
    if host and (unnamed := kept.pop((line.reference, ""), None)) is not None and unnamed.past:
        kept[(line.reference, "")] = unnamed
    kept[(line.reference, host)] = replace(line, host=host)


# A line that only says less exactly what another one of the same host says.
_ECHOES = {
    "lease-refused": {"clock-skewed", "signature-mismatch", "object-too-large"},
    "tls-untrusted": {"certificate-expired", "certificate-not-yet-valid", "certificate-other-host", "xet-untrusted"},
    "token-refused": {"password-not-token", "token-missing"},
    "connection-cut": {"push-timeout", "http2-broken", "request-too-large", "tls-reset", "tls-closed"},
    "hub-unavailable": {"push-timeout", "rate-limited", "commit-timeout"},
    "repo-not-found": {"repo-gated", "revision-not-found", "file-not-found"},
    "storage-refused": {"request-too-large", "object-too-large"},
    "no-permission": {"hub-quota", "repo-gated", "large-object-agent"},
    "object-not-on-hub": {"object-missing"},
    "name-unresolved": {"dns-failing", "dns-silent"},
}


def _without_echoes(found: Iterable[LogLine], context: Context) -> tuple[LogLine, ...]:
    every = tuple(_once_for_a_proxy(found, context))
    told = {(one.reference, one.host) for one in every} | {(one.reference, "") for one in every}
    # Python's exceptions come nested: what could not be reached first, and last that it was a proxy.
    proxied = any(one.plane == "proxy" and one.client == "huggingface_hub" for one in every)
    return tuple(
        one
        for one in every
        if not any((exact, one.host) in told for exact in _ECHOES.get(one.reference, ()))
        and not (proxied and one.client == "huggingface_hub" and one.reference in _UNCONNECTED)
    )


def _once_for_a_proxy(found: Iterable[LogLine], context: Context) -> Iterable[LogLine]:
    """A proxy that fails, or wants a login, does so for every host: of its lines the one that names the Hub is kept."""
    every = sorted(found, key=lambda one: one.plane == "proxy" and context.plane_of(one.host, "") != "hub")
    kept = {(one.reference, one.plane == "proxy" or one.host): one for one in reversed(every)}
    whole = {id(one) for one in kept.values()}
    return sorted(
        (one for one in every if id(one) in whole or one.reference not in ("proxy-failed", "proxy-login")),
        key=lambda one: one.number,
    )
