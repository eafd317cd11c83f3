"""Audit a repository: would the Hub take what a push of it would carry? Reads only; asks no server."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import replace

from hfpush.commands.audit_report import AuditObserver, AuditReport, AuditRequest
from hfpush.endpoints import RepoType
from hfpush.errors import Misuse
from hfpush.repo.audit.found import Scan
from hfpush.repo.audit.judge import judge_sizes
from hfpush.repo.audit.judged import Verdict
from hfpush.repo.audit.remotes import hub_remotes, type_of
from hfpush.repo.audit.scan import scan
from hfpush.repo.audit.scoping import everything, of_range, to_push
from hfpush.repo.process import GitFailed
from hfpush.repo.repository import Repository
from hfpush.repo.rules import MAX_GIT_FILE, shown
from hfpush.repo.scope import Scope


def audit(request: AuditRequest, observer: AuditObserver) -> AuditReport:
    """What the Hub would say to the history that the request names, and how to mend what it would refuse.

    Raises Misuse for a request that asks for two things, or for a remote or revisions that are not here; other
    HfpushErrors where the repository cannot be read.
    """
    began = time.monotonic()
    _check(request)
    repository = request.repository
    observer.stage("looking for new commits")
    remotes = remotes_of(repository)
    hubs = hub_remotes(remotes, request.endpoint)
    scope, about = _scope(request, [name for name, _ in remotes], sorted(hubs))
    if not scope.tips and not scope.broken:
        return AuditReport(request.place, about, None, Verdict(()), time.monotonic() - began, request.above)
    observer.stage("looking at the history")
    above = MAX_GIT_FILE if request.above is None else request.above
    seen = scan(repository, scope, above=above, sizes_only=request.above is not None, progress=observer.looked_at)
    if request.above is not None:
        verdict = Verdict(judge_sizes(seen, request.above, request.place))
    else:
        verdict = _judged(request, seen, remotes, hubs, observer)
    return AuditReport(request.place, about, seen, verdict, time.monotonic() - began, request.above)


def _judged(
    request: AuditRequest,
    seen: Scan,
    remotes: Sequence[tuple[str, str]],
    hubs: Collection[str],
    observer: AuditObserver,
) -> Verdict:
    """What all rules say. They load much, which who asks for sizes alone does not wait for."""
    from hfpush.repo.audit.verdict import verdict_on
    from hfpush.repo.mend import mending
    from hfpush.repo.mend.findings import interrupted_finding

    verdict = verdict_on(
        request.repository,
        seen,
        place=request.place,
        hubs=hubs if request.remote is None else {*hubs, request.remote},
        repo_type=request.repo_type or _type(remotes, request),
        stage=observer.stage,
    )
    if mending.pending(request.repository) is not None:
        interrupted = interrupted_finding(request.place, ", so branches may be in the middle of a move")
        verdict = replace(verdict, findings=(interrupted, *verdict.findings))
    return verdict


def remotes_of(repository: Repository) -> tuple[tuple[str, str], ...]:
    """Name and URL of each remote, as git would push there: with `pushurl` and `url.<base>.insteadOf`. A remote without
    any URL is left out, and one with several is there several times."""
    found = []
    for name in repository.git.read("remote").decode("utf-8", "surrogateescape").splitlines():
        try:
            urls = repository.git.line("remote", "get-url", "--push", "--all", name)
        except GitFailed:
            continue
        found += [(name, url) for url in urls.split("\n")]
    return tuple(found)


def _check(request: AuditRequest) -> None:
    asked = {
        "--range": request.revisions is not None,
        "--all": request.everything,
        "--remote": request.remote is not None,
    }
    given = [name for name, is_given in asked.items() if is_given]
    if len(given) > 1:
        raise Misuse.of(
            "audit-twofold",
            f"{' and '.join(given)} ask for two different parts of the history.",
            to_try=("give one of them", "--range 'main ^origin/main' takes any revisions that git knows"),
        )


def _scope(request: AuditRequest, names: Sequence[str], hubs: Sequence[str]) -> tuple[Scope, str]:
    """The part of the history that is asked for, and what to call it."""
    if request.revisions is not None:
        return of_range(request.repository, request.revisions), f"in {shown(request.revisions)}"
    if request.everything:
        return everything(request.repository), "in all refs"
    if request.remote is None:
        scope = to_push(request.repository, hubs)
        about = f"that {' and '.join(map(shown, hubs))} may not have" if hubs else "in all, since no remote is a Hub"
        return scope, about
    if request.remote not in names:
        known = sorted(set(names))
        raise Misuse.of(
            "remote-unknown",
            f"There is no remote named {request.remote!r} in the repository.",
            seen=(f"its remotes: {', '.join(map(shown, known))}" if known else "it has no remotes",),
            to_try=("git remote -v, which lists them", "--all looks at everything"),
        )
    return to_push(request.repository, [request.remote]), f"that {shown(request.remote)} may not have"


def _type(remotes: Sequence[tuple[str, str]], request: AuditRequest) -> RepoType | None:
    """The type that the Hub's remotes agree on."""
    types = {type_of(url, request.endpoint) for _, url in remotes} - {None}
    return types.pop() if len(types) == 1 else None
