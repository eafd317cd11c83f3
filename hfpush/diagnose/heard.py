"""What a program says, in a log or when it is asked, beside what the probes found: one trouble that both know is one
finding. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hfpush.diagnose.cause import Cause


def with_heard(found: Sequence[Cause], heard: Iterable[Cause]) -> list[Cause]:
    """`found`, those that a line of a program confirms with that line as evidence; then what only such lines tell of.

    What a line shows to matter more than was thought is what the line makes of it: an error.
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
    """Whether what the probes found is what the line told of."""
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
    severity = one.finding.severity if one.rank < cause.rank else finding.severity
    return replace(cause, finding=replace(finding, evidence=(*finding.evidence, *lines), severity=severity))
