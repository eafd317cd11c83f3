"""What a fix finds, and what it would do about it. Reads only."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hfpush.commands.fix_report import FixObserver, FixPlan, FixRequest
from hfpush.errors import Misuse, Refused
from hfpush.findings import Finding
from hfpush.repo.audit.found import Scan
from hfpush.repo.audit.offences import is_read_by_git, offences, unmendable
from hfpush.repo.audit.scan import scan
from hfpush.repo.audit.scoping import to_push
from hfpush.repo.filter.wiring import in_force
from hfpush.repo.mend.converted import with_other_bytes
from hfpush.repo.mend.findings import (
    card_finding,
    converted_finding,
    forced_finding,
    left_findings,
    published_finding,
    stash_finding,
)
from hfpush.repo.mend.preflight import follows, refusals
from hfpush.repo.repository import Repository
from hfpush.repo.rewrite.plan import plan_rewrite
from hfpush.repo.rewrite.values import Offence, Unmended
from hfpush.repo.rules import MAX_GIT_FILE, absent_finding
from hfpush.repo.scope import Scope


@dataclass(frozen=True)
class Found:
    """What was looked at, the offences in it that can be mended, those that cannot, and how many blobs are not here.
    `published` are paths of other offences, in commits that a remote has."""

    scope: Scope
    offences: tuple[Offence, ...]
    left: tuple[Unmended, ...]
    absent: int = 0
    published: tuple[str, ...] = ()


def find(repository: Repository, request: FixRequest, observer: FixObserver, *, scope: Scope | None = None) -> Found:
    """What there is to mend in the scope of the request, or in this one.

    Raises Refused when all of it is in commits that a remote has, and the request does not say that they may be
    replaced; Misuse for a remote that is not here.
    """
    observer.stage("looking at the history")
    if scope is not None:
        return _find(repository, request, scope, observer)
    found = _find(repository, request, _scope(repository, request), observer)
    if not found.scope.known or request.remote is not None:
        return found
    behind = _find(repository, request, to_push(repository, ()), observer)
    mine = set(found.offences)
    published = tuple(one.path for one in behind.offences if one not in mine)
    if published and not found.offences:
        raise Refused(published_finding(_place(repository), published, 0))
    return replace(found, published=published)


def plan_of(repository: Repository, request: FixRequest, found: Found) -> FixPlan | None:
    """What would be done about it; None where there is nothing to mend."""
    if not found.offences:
        return None
    published = _published(repository, found.scope, request)
    plan = plan_rewrite(repository, found.scope, found.offences, published=published)
    if not plan.offences:
        return None
    blockers = refusals(repository, plan)
    if plan.published and not request.rewrite_published:
        paths = [one.path for one in plan.offences]
        blockers = (published_finding(_place(repository), paths, plan.published), *blockers)
    left = tuple(dict.fromkeys((*found.left, *plan.unmended)))
    notes = list(_notes(repository, found, plan.published if request.rewrite_published else 0))
    if follows(repository, plan.moves):
        converted = with_other_bytes(repository, {one.path for one in plan.offences}, plan.blobs)
        if converted and not any(one.reference == "fix-edited" for one in blockers):
            filtered = in_force(repository.git) is not None
            notes.append(converted_finding(_place(repository), converted, filtered=filtered))
    if any(one.path == "README.md" for one in plan.offences):
        notes.append(card_finding())
    free = shutil.disk_usage(repository.common_dir).free
    return FixPlan(plan, free, blockers, left_findings(left), tuple(notes))


def _scope(repository: Repository, request: FixRequest) -> Scope:
    if request.remote is not None and request.remote not in repository.git.line("remote").splitlines():
        raise Misuse.of(
            "remote-unknown",
            f"There is no remote named {request.remote!r} in the repository.",
            to_try=("git remote -v, which lists them",),
        )
    if request.rewrite_published:
        return to_push(repository, ())  # branches, tags and HEAD, with all that is behind them
    return to_push(repository, None if request.remote is None else [request.remote])


def _find(repository: Repository, request: FixRequest, scope: Scope, observer: FixObserver) -> Found:
    above = MAX_GIT_FILE if request.above is None else min(request.above, MAX_GIT_FILE)
    seen = scan(repository, scope, above=above, progress=observer.progress)
    found = {*offences(seen), *(_large(seen, above) if above < MAX_GIT_FILE else ())}
    return Found(scope, tuple(sorted(found)), unmendable(seen), seen.absent)


def _large(seen: Scan, above: int) -> Iterator[Offence]:
    """Text files that the Hub would take, and that are to go to LFS all the same."""
    for blob in seen.blobs:
        if blob.size > above and blob.pointer is None:
            for at in blob.sightings:
                if at.commit and not is_read_by_git(at.path):
                    yield Offence(at.commit, at.path, blob.id, blob.size)


def _published(repository: Repository, scope: Scope, request: FixRequest) -> frozenset[str]:
    """The commits of the scope that a remote-tracking ref reaches."""
    if request.remote is None and not request.rewrite_published:
        return frozenset()  # the scope leaves them all out
    asked = "".join(f"^{id}\n" for id in sorted(scope.known)).encode()
    return frozenset(repository.git.line("rev-list", "--remotes", "--stdin", stdin=asked).split())


def _notes(repository: Repository, found: Found, published: int) -> Iterator[Finding]:
    if published:
        yield forced_finding(published)
    if found.published:
        yield published_finding(_place(repository), found.published, 0, severity="warning")
    if found.absent:
        yield absent_finding(found.absent)
    if repository.git.line("for-each-ref", "--format=x", "refs/stash"):
        yield stash_finding()


def _place(repository: Repository) -> str:
    return str(repository.root or repository.git_dir)
