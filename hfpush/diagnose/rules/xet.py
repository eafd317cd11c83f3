"""Xet: what huggingface_hub uploads with where hf_xet is installed, by hosts of its own. Pure.

git-lfs and hfpush need none of it. So these are notes, unless a log shows that hf_xet was used, or fetching was asked
about.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.lfs import Xet
from hfpush.diagnose.facts.tls import Judged
from hfpush.diagnose.facts.ways import Way
from hfpush.findings import Finding, Severity

DISABLE = "HF_HUB_DISABLE_XET"
_TRUE = ("1", "on", "yes", "true")
_OFF = f"export {DISABLE}=1"
_XET = frozenset({"xet-blocked", "xet-missing", "xet-untrusted"})
_SYMPTOMS = frozenset({"connect-timeout", "connection-refused", "host-unreachable", "name-unresolved", "stalled"}) | {
    *("dns-failing", "dns-silent", "dns-sinkhole", "tls-reset", "tls-closed", "tls-silent", "tls-name-filtered"),
    *("proxy-refused", "proxy-lost-way", "proxy-failed", "tls-untrusted", "ca-not-everywhere"),
}


def causes(facts: Facts) -> Iterator[Cause]:
    """At most one: hf_xet cannot be used here, and why."""
    xet = facts.lfs.xet
    if xet is None or xet.disabled or _disabled(facts) or not facts.machine.program("hf_xet").version:
        return
    if xet.cas:
        yield from _blocked_or_untrusted(facts, xet)
    elif xet.offered is False and facts.account.repo_status in (0, 200):
        yield _missing(facts, xet)


def _disabled(facts: Facts) -> bool:
    return any(one.name == DISABLE and one.value.lower() in _TRUE for one in facts.machine.variables)


def _severity(facts: Facts) -> Severity:
    if any(one.reference in _XET and not one.past for one in facts.log):
        return "error"
    return "warning" if facts.question.purpose == "fetch" and facts.lfs.xet and facts.lfs.xet.cas else "note"


def _blocked_or_untrusted(facts: Facts, xet: Xet) -> Iterator[Cause]:
    host = urlsplit(xet.cas).hostname or ""
    way = next((way for way in facts.ways_to("xet") if way.client == "hf_xet" and way.host == host), None)
    if way is None:
        return
    if way.error or facts.works(way.line) is False:
        yield _blocked(facts, xet, way)
        return
    doubt = next((one for one in facts.judged if one.line == way.line and one.client == "hf_xet"), None)
    if doubt is not None and doubt.outcome not in ("ok", "unusable-store"):
        yield _untrusted(facts, way, doubt)


def _blocked(facts: Facts, xet: Xet, way: Way) -> Cause:
    dials = [one for one in facts.dialled(way.line) if one.outcome != "ok"][:2]
    tries = [f"{way.line}: {one.outcome}" + (f" ({one.said})" if one.said else "") for one in dials]
    shaken = facts.handshake(way.line)
    if shaken is not None and shaken.outcome != "ok":
        tries.append(f"{way.line}: TLS {shaken.outcome}")
    finding = Finding(
        "xet-blocked",
        f"hf_xet cannot reach {way.host}, to which the Hub sends it: hf upload is silent for minutes, and then fails.",
        (*(tries or [f"{way.line}: {way.error}"]), f"the Hub names {xet.cas} for the bytes of Xet"),
        (_OFF, f"or have {way.host} allowed where it is blocked"),
        _severity(facts),
    )
    return Cause(finding, 19, _SYMPTOMS | _XET, frozenset({way.host}), way.host)


def _untrusted(facts: Facts, way: Way, doubt: Judged) -> Cause:
    shaken = facts.handshake(way.line)
    issuer = shaken.certificate.issuer if shaken is not None and shaken.certificate is not None else ""
    finding = Finding(
        "xet-untrusted",
        f"hf_xet does not trust the certificate of {way.host}, and hangs without a word.",
        (
            f"{way.line}: {doubt.outcome}" + (f" ({doubt.said})" if doubt.said else ""),
            *((f"it is signed by {issuer}",) if issuer else ()),
            *((f"hf_xet goes by {doubt.store}",) if doubt.store else ()),
        ),
        (_OFF, "or name a file that has that authority's certificate: export SSL_CERT_FILE=FILE"),
        _severity(facts),
    )
    return Cause(finding, 34, _SYMPTOMS | _XET, frozenset({way.host}), way.host)


def _missing(facts: Facts, xet: Xet) -> Cause:
    host = urlsplit(facts.question.endpoint).netloc or "The endpoint"
    finding = Finding(
        "xet-missing",
        f"{host} offers no Xet, and hf_xet, which is installed here, is not told so: hf upload fails at once.",
        (f"the request for a Xet token was answered {xet.status}", *((xet.said,) if xet.said else ())),
        (_OFF,),
        _severity(facts),
    )
    certain = facts.account.repo_status == 200
    return Cause(finding, 54, _XET, certain=certain)
