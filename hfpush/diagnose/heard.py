"""What a log tells, beside what the probes found: one trouble that both know is one finding. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hfpush.diagnose.cause import Cause


def with_heard(found: Sequence[Cause], heard: Iterable[Cause]) -> list[Cause]:
    """`found`, those that a log confirms with its line as evidence; then what only the log tells of.

    A note that the log shows to matter is what the log makes of it: an error.
    """
    told: list[Cause] = list(found)
    left: list[Cause] = []
    for one in heard:
        if any(one.finding.reference in other.explains for other in left):
            continue
        at = next((at for at, cause in enumerate(told) if accounts_for(cause, one)), None)
        if at is None:
            left.append(one)
        else:
            told[at] = _confirmed(told[at], one)
    return [*told, *left]


def accounts_for(cause: Cause, one: Cause) -> bool:
    """Whether what the probes found is what the log told of."""
    reference, hosts = cause.finding.reference, cause.hosts or frozenset(filter(None, [cause.host]))
    if hosts and one.host and one.host not in hosts:
        return False
    if reference == one.finding.reference:
        return True
    known = reference in one.heard or one.finding.reference in cause.explains
    return known and cause.finding.severity != "note"


def _confirmed(cause: Cause, one: Cause) -> Cause:
    finding = cause.finding
    lines = tuple(line for line in one.finding.evidence if line not in finding.evidence)
    raised = finding.severity == "note" and finding.reference == one.finding.reference
    severity = one.finding.severity if raised else finding.severity
    return replace(cause, finding=replace(finding, evidence=(*finding.evidence, *lines), severity=severity))
