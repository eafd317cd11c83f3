"""After a run has failed for a reason of the network: the questions that doctor would ask, and its finding.

A run sees one symptom by one way. Doctor looks by each way and names the cause, so both end with the same words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hfpush.commands.doctor import DoctorRequest, network_facts
from hfpush.diagnose.facts.asked import Purpose
from hfpush.diagnose.verdict import causes_of
from hfpush.endpoints import RepoAddress
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
    told = failure.finding
    if told.reference not in SYMPTOMS or settings.offline:
        return told
    tell("looking for the cause")
    request = DoctorRequest(path, repo.id, repo.type, purpose, quick=True)
    try:
        facts = network_facts(settings, request, seconds=WAITED_SECONDS if told.reference in _WAITED else SECONDS)
        causes = causes_of(replace(facts, git=None))  # git's own library has no part in a run of ours
    except HfpushError:  # settings that cannot be used: the run has said so
        return told
    except Exception as error:  # noqa: BLE001  # a mistake of doctor's must not take the place of what the run found
        return replace(told, evidence=(*told.evidence, f"doctor failed: {type(error).__name__}: {redact(str(error))}"))
    first = next((one for one in causes if one.finding.severity == "error"), None)
    if first is None or first.depth >= _NETWORK_DEPTH or not first.certain:
        return told
    found = first.finding
    return replace(
        found,
        evidence=tuple(dict.fromkeys((*found.evidence, *told.evidence))),
        remedy=tuple(dict.fromkeys((*found.remedy, *told.remedy))),
    )
