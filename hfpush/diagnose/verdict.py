"""All that was found out in, findings out, the cause before its symptoms. Pure.

Each file of rules/ looks at one kind of trouble and names its causes; here they are put in order, and what another one
explains is left out: one cause is one finding, not six.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.heard import with_heard
from hfpush.diagnose.rules import (
    access,
    account,
    authorities,
    batch,
    certificates,
    clock,
    connections,
    disk,
    git,
    http,
    http2,
    lfs,
    log,
    mirror,
    names,
    noted,
    pace,
    packets,
    proxies,
    proxy_settings,
    repository,
    storage,
    tls,
    unverified,
    ways,
    wrapper,
    xet,
)
from hfpush.findings import Finding

Rule = Callable[[Facts], Iterator[Cause]]
RULES: tuple[Rule, ...] = (
    names.causes,
    connections.causes,
    packets.causes,
    wrapper.causes,
    ways.causes,
    unverified.causes,
    proxy_settings.causes,
    proxies.causes,
    clock.causes,
    tls.causes,
    certificates.causes,
    authorities.causes,
    git.causes,
    http.causes,
    http2.causes,
    account.causes,
    access.causes,
    batch.causes,
    lfs.causes,
    mirror.causes,
    storage.causes,
    pace.causes,
    xet.causes,
    noted.causes,
    repository.causes,
    disk.causes,
    log.causes,
)


def verdict(facts: Facts, rules: Sequence[Rule] = RULES) -> tuple[Finding, ...]:
    """What is wrong, the one to act on first. Empty: nothing was found wrong."""
    return tuple(dict.fromkeys(one.finding for one in causes_of(facts, rules)))


def causes_of(facts: Facts, rules: Sequence[Rule] = RULES) -> tuple[Cause, ...]:
    """The causes that no deeper one explains, the one to act on first."""
    causes = [cause for rule in rules for cause in rule(facts)]
    causes.sort(key=lambda one: one.depth)
    found = [one for one in causes if not one.heard]
    left = [one for at, one in enumerate(found) if not any(_explains(deeper, one) for deeper in found[:at])]
    left = with_heard(left, (one for one in causes if one.heard))
    left.sort(key=lambda one: (one.rank, one.depth, not one.certain))
    return tuple(left)


def _explains(cause: Cause, symptom: Cause) -> bool:
    """Whether a symptom goes without saying. Never one that is worse than its cause is said to be: what does not work
    is not hidden by what is only worth knowing."""
    if symptom.finding.reference not in cause.explains or cause.rank > symptom.rank:
        return False
    return not cause.hosts or not symptom.host or symptom.host in cause.hosts
