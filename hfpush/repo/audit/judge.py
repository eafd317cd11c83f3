"""What a scan means for a push to the Hub: findings, in the order in which they are best acted on. Pure.

A rule is a function that looks at the whole scan and returns its finding, or None. An error is what the Hub is known to
refuse; what it takes and people stumble over is a warning. What a tip's tree and its attribute files say by themselves
is judged in other files, and put into the one order here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hfpush import units
from hfpush.findings import Finding
from hfpush.repo.audit import blob_rules, pointer_rules
from hfpush.repo.audit.found import Scan
from hfpush.repo.audit.spelling import capped, quoted
from hfpush.repo.rules import absent_finding, shown

_SEVERITIES = ("error", "warning", "note")
_ORDER = (
    # What the Hub refuses. Rewriting moves every commit, so it comes before what a new commit mends.
    *("large-file-in-git", "file-above-size", "binary-file-in-git", "attributes-too-large", "git-file-binary"),
    *("object-too-large", "object-missing", "object-corrupt"),
    *("path-into-git", "too-many-files", "model-card-invalid"),
    # What it takes, and what then goes wrong for people.
    *("should-be-pointer", "pointer-broken", "pointer-uncovered", "pointer-not-canonical"),
    *("attributes-ignored", "attributes-link", "attributes-shadowed", "attributes-private", "attributes-differ"),
    *("card-in-lfs", "card-doubtful", "names-collide", "name-unusable", "name-not-portable", "link-leaves-repo"),
    *("repo-crowded", "history-incomplete", "ref-broken", "large-object-agent"),
)


@dataclass(frozen=True)
class Surroundings:
    """What the judgement needs to know besides the scan.

    `place` is the repository as the user named it, for commands. `damaged` are the sizes in bytes, by oid, of files in
    git-lfs's store that have not the size of their object. `at_hub` are the commits of the scan that the Hub
    has already, `published` those of its offences that some remote has. `in_tree` are objects that the store lacks and
    the work tree seems to have. `asked` says that the
    Hub itself said what is binary, `agent` that something is there that sends objects over 5 GB.
    """

    place: str = "."
    damaged: Mapping[str, int] = field(default_factory=dict)
    at_hub: frozenset[str] = frozenset()
    in_tree: frozenset[str] = frozenset()
    published: frozenset[str] = frozenset()
    asked: bool = False
    agent: bool = True


def judge(scan: Scan, around: Surroundings, tips: Iterable[Finding] = ()) -> tuple[Finding, ...]:
    """The findings of a scan, with those about its tips (`tips`) among them; the first is the one to act on."""
    place, published = around.place, around.published
    found = [
        blob_rules.large(scan, place, published),
        blob_rules.binary(scan, place, published, asked=around.asked),
        blob_rules.read_by_git(scan),
        blob_rules.read_by_git_and_binary(scan),
        blob_rules.raw(scan, place, published),
        pointer_rules.too_large(scan),
        pointer_rules.missing(scan, place, around.damaged, at_hub=around.at_hub, in_tree=around.in_tree),
        pointer_rules.wrong_size(scan, place, around.damaged, in_tree=around.in_tree),
        pointer_rules.broken(scan, place),
        pointer_rules.not_canonical(scan, place),
        None if around.agent else pointer_rules.needs_agent(scan, place),
        absent_finding(scan.absent) if scan.absent else None,
        shallow_finding() if scan.scope.shallow else None,
        broken_refs_finding(scan.scope.broken) if scan.scope.broken else None,
    ]
    return in_order([*(finding for finding in found if finding), *tips])


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in the order in which they are best acted on."""

    def rank(finding: Finding) -> tuple[int, int]:
        known = finding.reference in _ORDER
        return _SEVERITIES.index(finding.severity), _ORDER.index(finding.reference) if known else len(_ORDER)

    return tuple(sorted(findings, key=rank))


def judge_sizes(scan: Scan, above: int, place: str) -> tuple[Finding, ...]:
    """The answer to "what is above this size?" alone: every blob over `above` bytes is an error here, whatever the Hub
    takes, because it was asked for."""
    found = blob_rules.above(scan, above, place)
    incomplete = [absent_finding(scan.absent)] if scan.absent else []
    return in_order([*([found] if found else []), *incomplete])


def shallow_finding() -> Finding:
    """The warning for a history that is cut off here."""
    return Finding(
        "history-incomplete",
        "The repository is a shallow clone: what lies behind the cut was not looked at, and the Hub takes no push from "
        "it.",
        remedy=("git fetch --unshallow",),
        severity="warning",
    )


def broken_refs_finding(refs: Sequence[str]) -> Finding:
    """The warning for refs whose objects are not here."""
    named = "it names" if len(refs) == 1 else "they name"
    return Finding(
        "ref-broken",
        f"{units.count(len(refs), 'ref')} could not be looked at: what {named} is not in the repository.",
        evidence=capped([shown(ref) for ref in refs]),
        remedy=(f"git update-ref -d {quoted(refs[0])}, if it is of no use", "git fsck, which says more"),
        severity="warning",
    )


def is_clean(findings: Iterable[Finding]) -> bool:
    """Whether the Hub would take it, as far as can be told: no finding is an error."""
    return all(finding.severity != "error" for finding in findings)


def summary(findings: Iterable[Finding]) -> str:
    """How many findings of which severity, in a few words: `1 error, 2 warnings`."""
    severities = [finding.severity for finding in findings]
    counts = [units.count(severities.count(one), one) for one in _SEVERITIES if one in severities]
    return ", ".join(counts) or "nothing to say"
