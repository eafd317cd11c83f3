"""Mend a history: what the Hub refuses in git itself becomes LFS pointers, in every commit that no remote has yet.

Everything is made and checked beside the old history first. Then the refs move together, with the old ones kept, and a
journal makes sure that a crash leaves the one or the other. `undo` is the way back, `resume` ends what was interrupted,
`forget` lets the old history go.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from hfpush.commands.fix_plan import Found, find, plan_of
from hfpush.commands.fix_report import FixObserver, FixPlan, FixReport, FixRequest
from hfpush.disk.lock import hold
from hfpush.errors import Damaged, LocalTrouble, Misuse
from hfpush.findings import Finding
from hfpush.repo.content import object_stores
from hfpush.repo.filter.wiring import in_force
from hfpush.repo.mend import backup, mending
from hfpush.repo.mend.bundle import write_bundle
from hfpush.repo.mend.findings import converted_finding, filter_finding, interrupted_finding, left_findings
from hfpush.repo.mend.journal import BACKUPS, Journal, JournalStore, next_stamp
from hfpush.repo.mend.preflight import obstacles
from hfpush.repo.mend.refs import current, refs_at_rest
from hfpush.repo.repository import Repository
from hfpush.repo.rewrite.rewrite import rewrite
from hfpush.repo.rewrite.values import Rewritten, Verified
from hfpush.repo.rewrite.verify import verify


def fix(request: FixRequest, observer: FixObserver) -> FixReport:
    """Mend the history that the request names, once the observer has agreed to the plan; a fix that was interrupted is
    brought to its end first.

    Raises HfpushError; nothing has moved then, or the next run finishes it. Running it again does nothing when there is
    nothing to mend.
    """
    began = time.monotonic()
    repository = Repository.around(request.path)
    if request.dry_run:
        report = _dry_run(repository, request, observer)
    else:
        with _held(repository):
            if _settle(repository, observer):
                repository = Repository.around(request.path)
            report = _fix(repository, request, observer)
    return replace(report, seconds=time.monotonic() - began)


def resume(path: Path, observer: FixObserver) -> FixReport:
    """Bring an interrupted fix (or undo) to its end; nothing happens where there is none."""
    repository = Repository.around(path)
    with _held(repository):
        journal = mending.pending(repository)
        if journal is None:
            return FixReport("idle", _place(repository))
        observer.stage("finishing what was interrupted")
        if journal.state == "undoing":
            mending.go_back(repository, journal, observer.reached)
            return FixReport("undone", _place(repository), refs=len(journal.refs))
        mending.go_on(repository, journal, observer.reached)
        return _done(repository, journal, "continued")


def undo(path: Path, observer: FixObserver) -> FixReport:
    """Bring back the history, the index and the `.gitattributes` of before the last fix, also of one that was
    interrupted. Raises Misuse where there was no fix, and when a ref has moved since."""
    repository = Repository.around(path)
    with _held(repository):
        journal = JournalStore(repository).latest()
        if journal is None:
            raise _nothing_to_undo(repository)
        observer.stage("bringing the old history back")
        if journal.state == "done":
            _refuse(obstacles(repository, {move.ref for move in journal.refs}))
        mending.go_back(repository, journal, observer.reached)
        return FixReport("undone", _place(repository), refs=len(journal.refs))


def forget(path: Path, observer: FixObserver) -> FixReport:
    """Let go of the old histories that fixes have kept. Raises Misuse while a fix waits to be brought to its end."""
    repository = Repository.around(path)
    with _held(repository):
        if mending.pending(repository) is not None:
            raise Misuse(interrupted_finding(str(path), ", and the old history is needed until it has come to an end"))
        observer.stage("letting go of the old history")
        gone = backup.forget(repository)
        return FixReport("forgotten", _place(repository), refs=gone.refs, freed=gone.freed)


def _dry_run(repository: Repository, request: FixRequest, observer: FixObserver) -> FixReport:
    found = find(repository, request, observer)
    plan = plan_of(repository, request, found)
    if plan is None:
        return FixReport("nothing", _place(repository), findings=left_findings(found.left))
    observer.planned(plan)
    interrupted = _interrupted(repository, request.path)
    return FixReport("planned", _place(repository), plan, findings=(*interrupted, *plan.blockers, *plan.left))


def _fix(repository: Repository, request: FixRequest, observer: FixObserver) -> FixReport:
    found = find(repository, request, observer)
    plan = plan_of(repository, request, found)
    if plan is None:
        return FixReport("nothing", _place(repository), findings=left_findings(found.left))
    observer.planned(plan)
    _refuse(plan.blockers)
    if not observer.agreed(plan):
        return FixReport("declined", _place(repository), plan)
    if request.bundle is not None:
        observer.stage("writing the bundle")
        write_bundle(repository, request.bundle, plan.rewrite.moves)
    rewritten, verified = _made(repository, plan, observer)
    _check_clean(repository, request, found, rewritten, observer)
    observer.stage("moving the refs")
    stamp = next_stamp(JournalStore(repository).latest(), datetime.now(timezone.utc))
    journal = mending.mend(repository, rewritten, stamp, observer.reached)
    report = _done(repository, journal, "fixed")
    return replace(report, plan=plan, verified=verified, findings=(*plan.left, *report.findings))


def _made(repository: Repository, plan: FixPlan, observer: FixObserver) -> tuple[Rewritten, Verified]:
    """The new history, beside the old one, and what was compared."""
    observer.stage("making the new history")
    store = object_stores(repository)[0]
    rewritten = rewrite(repository, plan.rewrite, store=store, progress=observer.progress)
    observer.reached("rewritten")
    observer.stage("comparing it with the old one")
    verified = verify(repository, rewritten)
    observer.reached("verified")
    return rewritten, verified


def _check_clean(
    repository: Repository, request: FixRequest, found: Found, rewritten: Rewritten, observer: FixObserver
) -> None:
    """Look at the new history as at the old one: nothing may be left but what was known to be."""
    tips = {ref: rewritten.refs[ref].new if ref in rewritten.refs else id for ref, id in found.scope.tips.items()}
    again = find(repository, request, observer, scope=replace(found.scope, tips=tips))
    known = {(one.offence.path, one.offence.blob) for one in (*found.left, *rewritten.plan.unmended)}
    wrong = [one for one in again.offences if (one.path, one.blob) not in known]
    if wrong:
        raise Damaged.of(
            "fix-incomplete",
            "The new history still holds files that it must not, so no ref was moved.",
            seen=tuple(f"{one.path}, since commit {one.commit[:10]}" for one in wrong[:10]),
            to_try=("report this with the lines above: it is a mistake in hfpush",),
        )


def _settle(repository: Repository, observer: FixObserver) -> bool:
    """Bring an interrupted fix to its end, or forget it where no ref had moved; whether there was one."""
    journal = mending.pending(repository)
    if journal is None:
        return False
    observer.stage("finishing what was interrupted")
    if journal.state == "undoing":
        mending.go_back(repository, journal, observer.reached)
    elif mending.standing(journal, current(repository)).where == "old":
        mending.drop(repository, journal)
    else:
        mending.go_on(repository, journal, observer.reached)
    return True


def _done(repository: Repository, journal: Journal, action: str) -> FixReport:
    filtered, place = in_force(repository.git) is not None, str(_place(repository))
    left = mending.left_modified(repository, journal)
    findings = [converted_finding(place, left, filtered=filtered)] if left else []
    return FixReport(
        "fixed" if action == "fixed" else "continued",
        _place(repository),
        backup=f"{BACKUPS}{journal.stamp}/",
        refs=len(journal.refs),
        findings=tuple(findings if filtered else [*findings, filter_finding(place)]),
    )


def _interrupted(repository: Repository, path: Path) -> tuple[Finding, ...]:
    if mending.pending(repository) is None:
        return ()
    so_what = "; it is brought to its end before anything else is done"
    return (interrupted_finding(str(path), so_what, severity="warning"),)


def _refuse(findings: tuple[Finding, ...]) -> None:
    if findings:
        raise LocalTrouble.of_all(findings)


def _nothing_to_undo(repository: Repository) -> Misuse:
    kept = backup.backups(repository)
    more = ("git for-each-ref refs/hfpush/backup, which shows what is kept",) if kept else ()
    return Misuse.of(
        "fix-nothing-to-undo",
        "No fix is noted here that could be undone.",
        seen=(str(_place(repository)),),
        to_try=more,
    )


@contextmanager
def _held(repository: Repository) -> Iterator[None]:
    store = JournalStore(repository)
    store.prepare()
    with hold(store.lock, f"The history of {_place(repository)}"):
        with refs_at_rest(repository):
            pass  # a git that was moving refs when its hfpush was killed has come to its end
        yield


def _place(repository: Repository) -> Path:
    return repository.root or repository.git_dir
