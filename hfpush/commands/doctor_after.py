"""After a run has failed for a reason of the network: the questions that doctor would ask, and its finding.

A run sees one symptom by one way. Doctor looks by each way and names the cause, so both end with the same words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hfpush.commands.doctor import DoctorRequest, network_facts
from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.asked import Purpose
from hfpush.diagnose.verdict import causes_of
from hfpush.endpoints import RepoAddress
from hfpush.endpoints.address import is_loopback
from hfpush.errors import HfpushError
from hfpush.findings import Finding
from hfpush.net.redact import redact
from hfpush.settings import Settings

SECONDS, WAITED_SECONDS = 4.0, 1.5
_WAITED = ("connect-timeout", "stalled", "name-unresolved")  # the run has waited for long already
SYMPTOMS = frozenset(
    {
        *("name-unresolved", "connect-timeout", "connection-refused", "connection-cut", "host-unreachable", "stalled"),
        *("tls-failed", "tls-untrusted", "proxy-failed", "proxy-lost-way", "proxy-refused", "proxy-login"),
        *("not-a-hub", "redirect-refused", "storage-unavailable", "hub-unavailable"),
    }
)
"""What a run ends with where something on the way may be the cause."""
_ANSWERED = ("not-a-hub", "redirect-refused", "storage-unavailable", "hub-unavailable")
"""Of these, where somebody answered: the Hub may have, so that a cause has to be one of just that."""
_GUESS, _AGAIN = "check ", "run the same command again"
_NETWORK_DEPTH = 60  # rules/: what lies deeper speaks of a repository or a disk


def with_cause(
    settings: Settings,
    repo: RepoAddress,
    path: Path | None,
    purpose: Purpose,
    failure: HfpushError,
    tell: Callable[[str], None] = lambda _: None,
) -> Finding:
    """The finding of a failed run, with the cause in place of the symptom where doctor finds one within a few seconds;
    the finding as it is otherwise. Raises nothing of its own."""
    told, url = failure.finding, settings.usual_endpoint.url
    if told.reference not in SYMPTOMS or settings.offline:
        return told
    if url.startswith("http:") and is_loopback(url):  # nothing is in between that could be the cause
        return told
    tell("looking for the cause")
    request = DoctorRequest(path, repo.id, repo.type, purpose, quick=True)
    try:
        facts = network_facts(settings, request, seconds=WAITED_SECONDS if told.reference in _WAITED else SECONDS)
        found = _cause_of(told, replace(facts, git=None))  # git's own library has no part in a run of ours
    except HfpushError:  # settings that cannot be used: the run has said so
        return told
    except Exception as error:  # noqa: BLE001  # a mistake of doctor's must not take the place of what the run found
        return replace(told, evidence=(*told.evidence, f"doctor failed: {type(error).__name__}: {redact(str(error))}"))
    if found is None:
        return told
    go_on = [line for line in told.remedy if not line.startswith(_GUESS)]
    if not any(_AGAIN in line for line in go_on):
        go_on.append(f"then {_AGAIN}; it goes on where it was")
    return replace(
        found,
        evidence=tuple(dict.fromkeys((*found.evidence, *told.evidence))),
        remedy=tuple(dict.fromkeys((*found.remedy, *go_on))),
    )


def _cause_of(told: Finding, facts: Facts) -> Finding | None:
    """The first certain cause of what was told: it keeps hfpush, too, from a host that was spoken of."""
    ours = replace(facts, ways=tuple(way for way in facts.ways if way.client == "hfpush"))
    met = {one.finding.reference for one in causes_of(ours) if one.finding.severity == "error"}
    first = next((one for one in causes_of(facts) if _is_it(one, told) and one.finding.reference in met), None)
    return first.finding if first is not None and first.certain else None


def _is_it(cause: Cause, told: Finding) -> bool:
    if cause.finding.severity != "error" or cause.depth >= _NETWORK_DEPTH:
        return False
    text = " ".join((told.message, *told.evidence))
    if cause.hosts and not any(host in text for host in cause.hosts):
        return False
    return told.reference not in _ANSWERED or told.reference in (cause.finding.reference, *cause.explains)
