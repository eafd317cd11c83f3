"""Fetch files of a repository: resumed where an earlier run stopped, verified before they are seen.

What is on the disk is found again by huggingface_hub, and the other way round. Running it again does nothing when all
is there. Who is asked what the files are, fetch_asking.py knows; what is done without anybody, fetch_offline.py.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePosixPath

from hfpush.commands.fetch_asking import Answered, Asking, Tell
from hfpush.commands.fetch_disk import Disk, ListingPlace, check_revision, check_room, disk_of, free_room, gather
from hfpush.commands.fetch_known import Known, known_here
from hfpush.commands.fetch_offline import NoSource, chosen_of, has_all, not_here, unasked, unlisted, unread
from hfpush.commands.fetch_replaced import replaceable, replaced_note
from hfpush.commands.fetch_report import FetchedFile, FetchReport, FetchRequest, Share
from hfpush.commands.fetch_sources import Doors, Row
from hfpush.disk.draft import waiting_bytes
from hfpush.errors import LocalTrouble, NotFound, Unavailable
from hfpush.findings import Finding
from hfpush.hub.resolved import Resolved
from hfpush.hub.tree import TreeFile
from hfpush.net.limit import Limit
from hfpush.net.retry import RetryPolicy
from hfpush.receive.engine import carry_out
from hfpush.receive.events import Dropped, Event, Heard, Observer, Waiting, silent
from hfpush.receive.means import Means, Outcome
from hfpush.receive.plan import Plan, PlannedFile, make_plan, refusal
from hfpush.receive.select import is_pattern

_ATTEMPTS_WITH_ALL_HERE = 2


def fetch(
    request: FetchRequest,
    *,
    observer: Observer = silent,
    told: Resolved | None = None,
    tell: Tell = lambda line: None,
) -> FetchReport:
    """Bring the files that `request` names to its cache or folder, or say why not.

    `told` is what `repo`'s endpoint said of the revision a moment ago. `tell` is given a line when another endpoint is
    asked instead. Raises NotFound (`file-not-found`, `nothing-selected`, `revision-not-found`, `repo-not-found`,
    `not-on-disk`), Damaged (`content-mismatch`), Unavailable, Refused, LocalTrouble (`disk-full`; `files-refused` when
    all others are there), Misuse. What has come stays for a later run; a file that is not verified is never visible.
    """
    return _Fetch(request, observer).run(told, tell)


def all_here(request: FetchRequest) -> bool:
    """Whether the disk alone could answer the request, as far as the disk knows. Asks nobody. Raises Misuse."""
    return has_all(disk_of(request), request, check_revision(request.revision or "main"))


class _Fetch:
    def __init__(self, request: FetchRequest, observer: Observer) -> None:
        self._request = request
        self._observer = observer
        self._revision = check_revision(request.revision or "main")
        self._disk: Disk = disk_of(request)
        self._dropped: dict[str, Finding] = {}
        self._began = time.monotonic()

    def run(self, told: Resolved | None, tell: Tell) -> FetchReport:
        request, row = self._request, Row.of(self._request)
        if request.offline:
            try:
                return self._from_disk()
            except (NotFound, LocalTrouble) as failure:
                raise unread(failure, self._disk.closed(self._revision)) from failure
        with Doors(request.repo, lambda item: self._observer(Heard(item)), connections=request.jobs + 1) as doors:
            try:
                known = known_here(self._disk, self._revision)
                answered = Answered(known, row.own) if known is not None else self._ask(row, doors, told, tell)
            except Unavailable as failure:
                if not all_here(request):
                    raise
                return self._from_disk(unasked(failure))
            return self._bring(answered, row, doors)

    def _ask(self, row: Row, doors: Doors, told: Resolved | None, tell: Tell) -> Answered:
        dispensable = told is None and all_here(self._request)
        attempts = _ATTEMPTS_WITH_ALL_HERE if dispensable else self._request.attempts
        asking = Asking(self._request, row, doors, self._disk, self._revision)
        return asking.ask(RetryPolicy(attempts=attempts), self._on_wait, tell, told)

    def _bring(self, answered: Answered, row: Row, doors: Doors) -> FetchReport:
        known = answered.known
        trusted = known.kept or answered.outlet.endpoint.trusted
        try:
            files, plan, findings = self._planned(known)
        except NotFound as error:
            if trusted and error.finding.reference == "file-not-found" and not self._request.dry_run:
                self._disk.remember_absent(known.commit, _absent(known, self._request.files))
            raise
        findings = (*answered.notes, *findings)
        place = self._disk.place(known.commit)
        if self._request.dry_run:
            return self._dry(known.commit, plan, place, findings)
        check_room(plan, place.folder)
        own = self._disk.edited(known.commit, replaceable(plan))
        gather(plan, place, self._observer)
        outcomes = self._carried(plan, place, row, doors, known.commit) if plan.steps else ()
        findings = (*findings, *replaced_note(own, outcomes))
        # A list that somebody without trust gave is not kept: a later run would believe it.
        complete = known.complete and trusted and not known.unsafe and len(files) == len(known.files)
        unnoted = self._disk.finish(self._revision, known.commit, files, complete=complete)
        if plan.refused:
            turned_away = refusal(plan.refused)
            turned_away.also = (*findings, *unnoted)
            raise turned_away
        return self._report(known.commit, outcomes, (*findings, *unnoted))

    def _planned(self, known: Known) -> tuple[list[TreeFile], Plan, tuple[Finding, ...]]:
        """The files that are wanted and may be written, what is to be done for them, and what is to be told."""
        usable, warnings = self._disk.usable(known.files)
        unsafe = {one.path: one for one in known.unsafe}
        wanted = set(chosen_of(self._request, [*(file.path for file in usable), *unsafe]))
        files = [file for file in usable if file.path in wanted]
        beside = {one.path: one for one in self._disk.refused(files)}
        sizes = {file.path: file.size for file in files}
        refused = [
            PlannedFile(one.path, sizes.get(one.path, 0), "refuse", 0, f"it {one.why}")
            for one in (*unsafe.values(), *beside.values())
            if one.path in wanted
        ]
        files = [file for file in files if file.path not in beside]
        place = self._disk.place(known.commit)
        copies = self._request.local_dir is not None
        plan = make_plan(
            files,
            presence=place.presence,
            drafted=place.waiting,
            own=lambda path, content: waiting_bytes(place.home(path, content)),
            refused=refused,
            copies=copies,
        )
        turned_away = {one.path for one in plan.refused}
        return [file for file in files if file.path not in turned_away], plan, warnings

    def _carried(self, plan: Plan, place: ListingPlace, row: Row, doors: Doors, commit: str) -> tuple[Outcome, ...]:
        request = self._request
        asked = any(step.action not in ("keep", "place") for step in plan.steps)
        means = Means(
            place,
            doors.sources(row.first, commit) if asked else (),
            self._heard,
            RetryPolicy(attempts=request.attempts),
            limit=Limit(request.limit) if request.limit else None,
            reserves=doors.sources(row.reserves, commit) if asked else (),
        )
        return carry_out(plan, means, jobs=request.jobs)

    # -- without the Hub -------------------------------------------------------------------------------------------

    def _from_disk(self, *notes: Finding) -> FetchReport:
        commit = self._disk.commit_of(self._revision)
        never = f"{self._request.repo} at {self._revision} was never fetched here"
        if commit is None:
            raise not_here(self._request.files, never)
        place, listed = self._disk.place(commit), self._disk.tree(commit)
        if listed is None:
            chosen, said = unlisted(self._disk, self._request, commit, never)
            files = tuple(FetchedFile(path, place.file(path).stat().st_size, "kept") for path in chosen)
            return self._made(commit, files, 0, sum(file.size for file in files), (*notes, *said))
        files_there, plan, findings = self._planned(Known(commit, tuple(listed), kept=True))
        missing = [path for step in plan.steps if step.to_come for path in step.paths]
        if missing:
            raise not_here(missing)
        if self._request.dry_run:
            return self._dry(commit, plan, place, (*notes, *findings))
        gather(plan, place, self._observer)
        outcomes = carry_out(plan, Means(place, (NoSource(),), self._heard), jobs=self._request.jobs)
        complete = len(files_there) == len(listed)
        unnoted = self._disk.finish(self._revision, commit, files_there, complete=complete)
        if plan.refused:
            raise refusal(plan.refused)
        return self._report(commit, outcomes, (*notes, *findings, *unnoted))

    # -- what is told ----------------------------------------------------------------------------------------------

    def _heard(self, event: Event) -> None:
        if isinstance(event, Dropped):
            self._dropped[event.source] = event.why
        self._observer(event)

    def _on_wait(self, seconds: float, why: Unavailable) -> None:
        self._observer(Waiting("", seconds, why.finding))

    def _dry(self, commit: str, plan: Plan, place: ListingPlace, findings: tuple[Finding, ...]) -> FetchReport:
        free = None
        with suppress(OSError):
            free = free_room(place.folder)
        report = self._made(commit, (), 0, plan.here, findings)
        return replace(report, plan=plan.files(), to_come=plan.to_come, room=plan.room, free=free)

    def _report(self, commit: str, outcomes: Sequence[Outcome], findings: tuple[Finding, ...]) -> FetchReport:
        files = [FetchedFile(path, one.step.content.size, one.how) for one in outcomes for path in one.step.paths]
        wire = sum(one.wire for one in outcomes)
        kept = sum(max(0, one.step.content.size - one.wire) for one in outcomes)
        report = self._made(commit, tuple(sorted(files, key=lambda file: file.path)), wire, kept, findings)
        return replace(report, shares=self._shares(outcomes))

    def _shares(self, outcomes: Sequence[Outcome]) -> tuple[Share, ...]:
        brought: dict[str, int] = dict.fromkeys(self._dropped, 0)
        for one in outcomes:
            for source, count in one.shares:
                brought[source] = brought.get(source, 0) + count
        order = sorted(brought.items(), key=lambda item: -item[1])
        return tuple(Share(source, count, self._dropped.get(source)) for source, count in order)

    def _made(
        self, commit: str, files: tuple[FetchedFile, ...], wire: int, kept: int, findings: tuple[Finding, ...]
    ) -> FetchReport:
        request, seconds = self._request, time.monotonic() - self._began
        folder = self._disk.place(commit).folder
        return FetchReport(
            str(request.repo),
            request.repo.web_url,
            self._revision,
            commit,
            folder,
            files,
            wire,
            kept,
            seconds,
            findings,
            named=request.files,
        )


def _absent(known: Known, names: Sequence[str]) -> list[str]:
    """The names that stand for nothing there."""
    there = {*(file.path for file in known.files), *(one.path for one in known.unsafe)}
    folders = {folder.as_posix() for path in there for folder in PurePosixPath(path).parents}
    return [name for name in names if name not in there and name not in folders and not is_pattern(name)]
