"""git itself fails where everybody else gets through by the same way: its own TLS library is met in another way. Pure.

What a setting, a name, a proxy or a certificate does to git is told by the rules for these: here is what is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from shlex import quote

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.git import GitAsked
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.rules.log import accounting_for
from hfpush.findings import Finding
from hfpush.units import count, duration

DEPTH = 36
_QUICK_SECONDS = 1.0
_HANDSHAKES = {
    "tls-reset": "are reset",
    "tls-closed": "are cut off",
    "tls-silent": "are not answered",
    "tls-version": "are refused",
    "tls-failed": "are refused",
}
_SETTINGS = re.compile(
    r"(?i)http\.(?:.+\.)?(?:sslversion|sslcipherlist|sslcert|sslkey|curloptresolve|pinnedpubkey|version|useragent)"
)
"""What else may make a difference to a server."""


def causes(facts: Facts) -> Iterator[Cause]:
    """One where git gets no answer on a way on which TLS stands with hfpush's library, and an answer came."""
    asked = facts.git
    way = next((way for way in facts.ways_to("hub") if way.client == "git"), None)
    if asked is None or way is None or asked.line != way.line or facts.works(way.line) is not True:
        return
    if asked.outcome == "failed":
        yield _failed(facts, asked, way)
    elif asked.outcome == "late" and any(
        one.what == "refs" and _quick(one.status, one.seconds) for one in facts.exchanges
    ):
        yield _late(facts, asked, way)


def _quick(status: int, seconds: float) -> bool:
    return bool(status) and seconds < _QUICK_SECONDS


def _failed(facts: Facts, asked: GitAsked, way: Way) -> Cause:
    how = _HANDSHAKES.get(asked.reference)
    if how is None:
        message = f"git itself gets no answer from {way.host}, and hfpush does by the same way: {asked.said}"
    else:
        library = facts.machine.program("git").tls
        shown = f" ({library})" if library else ""
        message = (
            f"The TLS handshakes of git's own library{shown} with {way.host} {how}, and those of hfpush stand on the "
            "same way: the server, or something before it, tells TLS libraries apart."
        )
    seen = f"git ls-remote {asked.url}: {asked.failed} of {count(asked.tries, 'try', 'tries')} failed: {asked.said}"
    return _cause(_finding(facts, way, asked.reference, message, seen), way, True)


def _late(facts: Facts, asked: GitAsked, way: Way) -> Cause:
    message = (
        f"git itself does not get an answer from {way.host} in time, and hfpush has one by the same way in less than a "
        "second; why could not be told."
    )
    seen = f"git ls-remote {asked.url}: not at its end after {duration(asked.seconds)}"
    return _cause(_finding(facts, way, "stalled", message, seen, certain=False), way, False)


def _cause(finding: Finding, way: Way, certain: bool) -> Cause:
    return Cause(finding, DEPTH, host=way.host, certain=certain, heard=accounting_for(finding.reference))


def _finding(facts: Facts, way: Way, reference: str, message: str, seen: str, *, certain: bool = True) -> Finding:
    git, own, shaken = facts.machine.program("git"), facts.machine.program("hfpush"), facts.handshake(way.line)
    settings = [one for one in facts.machine.settings if _SETTINGS.fullmatch(one.key)]
    evidence = [seen]
    if shaken is not None:
        stood = shaken.tries - shaken.failed
        evidence.append(f"{way.line}: {stood} of {count(shaken.tries, 'handshake')} of hfpush stood")
    evidence += [f"{one.name} {one.version} has {one.tls}" for one in (git, own) if one.tls]
    evidence += [f"{one.key} = {one.value} ({one.where}, line {one.line}) may be why" for one in settings]
    other = "git -c http.sslVersion=tlsv1.2 push   # another handshake of the same library, which may pass"
    remedy = (
        f"{_publish(facts)}   # there git speaks plain HTTP with hfpush, and hfpush does the TLS",
        *((other,) if reference in _HANDSHAKES else ()),
        "or use another network or a proxy, which may not tell programs apart",
    )
    return Finding(reference, message, tuple(evidence), remedy, "error" if certain else "warning")


def _publish(facts: Facts) -> str:
    question = facts.question
    kind = "" if question.repo_type == "model" else f" --type {question.repo_type}"
    where, name = quote(question.path or "."), quote(question.repo_id) if question.repo_id else "OWNER/NAME"
    return f"hfpush publish {where} --to {name}{kind}"
