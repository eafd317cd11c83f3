"""Fetch files of a repository: resumed where an earlier run stopped, verified before they are seen.

What is on the disk is found again by huggingface_hub, and the other way round. Running it again does nothing when all
is there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hfpush.commands.fetch_disk import Disk, check_revision, check_room, disk_of, gather
from hfpush.commands.fetch_report import FetchedFile, FetchReport, FetchRequest
from hfpush.disk.content import Content
from hfpush.errors import NotFound, Unavailable
from hfpush.findings import Finding
from hfpush.hub.api import HubApi
from hfpush.hub.tree import TreeFile
from hfpush.hub.tree_cache import is_commit
from hfpush.net.download import Download
from hfpush.net.http import Http
from hfpush.net.retry import RetryPolicy
from hfpush.net.watchdog import watched
from hfpush.receive.engine import carry_out
from hfpush.receive.events import Heard, Observer, Waiting, silent
from hfpush.receive.filling import Means, Outcome
from hfpush.receive.plan import make_plan
from hfpush.receive.select import is_pattern, select
from hfpush.receive.source import HubSource, Source

_ATTEMPTS_WITH_ALL_HERE = 2


def fetch(request: FetchRequest, *, observer: Observer = silent) -> FetchReport:
    """Bring the files that `request` names to its cache or folder, or say why not.

    Raises NotFound (`file-not-found`, `revision-not-found`, `repo-not-found`, `not-on-disk`), Damaged
    (`content-mismatch`), Unavailable, Refused, LocalTrouble (`disk-full`, ...), Misuse. What has come stays for a later
    run; a file that is not verified is never visible.
    """
    return _Fetch(request, observer).run()


def all_here(request: FetchRequest) -> bool:
    """Whether the disk alone could answer the request, as far as the disk knows. Asks nobody. Raises Misuse."""
    return _Fetch(request, silent).all_here()


@dataclass(frozen=True)
class _Known:
    """A commit and all of its files."""

    commit: str
    files: list[TreeFile]


class _NoSource:
    """Stands for the Hub when nobody may be asked."""

    name = "this disk"

    def open(self, path: str, content: Content, start: int, stop: int | None = None) -> Download:
        raise _not_here([path])


class _Fetch:
    def __init__(self, request: FetchRequest, observer: Observer) -> None:
        self._request = request
        self._observer = observer
        self._revision = check_revision(request.revision or "main")
        self._disk: Disk = disk_of(request)
        self._began = time.monotonic()

    def run(self) -> FetchReport:
        if self._request.offline:
            return self._from_disk()
        all_here = self.all_here()
        attempts = _ATTEMPTS_WITH_ALL_HERE if all_here else self._request.attempts
        policy = RetryPolicy(attempts=attempts)
        connections = max(4, self._request.jobs)
        repo, token = self._request.repo, self._request.token
        with (
            watched(self._request.network, lambda item: self._observer(Heard(item))) as network,
            Http(repo.endpoint, token, network=network, connections=connections) as http,
        ):
            hub = HubApi(http, repo, policy=policy, sleep=time.sleep, on_wait=self._on_wait)
            try:
                known = self._ask(hub)
            except Unavailable as failure:
                if not all_here:
                    raise
                return self._from_disk(_unasked(failure))
            return self._carry_out(known, HubSource(http, repo, known.commit), known.files)

    def _ask(self, hub: HubApi) -> _Known:
        """What the Hub says of the revision; a commit's list of files never changes, so a kept one serves."""
        commit = self._revision if is_commit(self._revision) else hub.info(self._revision).commit
        kept = self._disk.tree(commit)
        return _Known(commit, kept if kept is not None else list(hub.files(commit)))

    def _carry_out(
        self, known: _Known, source: Source, listed: Sequence[TreeFile], notes: tuple[Finding, ...] = ()
    ) -> FetchReport:
        usable, warnings = self._disk.usable(listed)
        wanted = set(select([file.path for file in usable], self._request.files))
        files = [file for file in usable if file.path in wanted]
        place = self._disk.place(known.commit)
        plan = make_plan(files, presence=place.presence, drafted=place.waiting)
        if isinstance(source, _NoSource) and plan.to_come:
            missing = [path for step in plan.steps if step.to_come for path in step.paths]
            raise _not_here(missing)
        check_room(plan, place.folder)
        gather(plan, place)
        means = Means(place, (source,), self._observer, RetryPolicy(attempts=self._request.attempts))
        outcomes = carry_out(plan, means, jobs=self._request.jobs)
        complete = len(files) == len(known.files)
        unnoted = self._disk.finish(self._revision, known.commit, files, complete=complete)
        return self._report(known.commit, outcomes, (*notes, *warnings, *unnoted))

    def _report(self, commit: str, outcomes: Sequence[Outcome], findings: tuple[Finding, ...]) -> FetchReport:
        files = [FetchedFile(path, one.step.content.size, one.how) for one in outcomes for path in one.step.paths]
        wire = sum(one.wire for one in outcomes)
        kept = sum(max(0, one.step.content.size - one.wire) for one in outcomes)
        return self._made(commit, tuple(sorted(files, key=lambda file: file.path)), wire, kept, findings)

    def _made(
        self, commit: str, files: tuple[FetchedFile, ...], wire: int, kept: int, findings: tuple[Finding, ...]
    ) -> FetchReport:
        repo, seconds = self._request.repo, time.monotonic() - self._began
        folder = self._disk.place(commit).folder
        return FetchReport(
            str(repo), repo.web_url, self._revision, commit, folder, files, wire, kept, seconds, findings
        )

    # -- without the Hub -------------------------------------------------------------------------------------------

    def all_here(self) -> bool:
        """Whether the disk alone could answer the request, as far as the disk knows."""
        commit = self._disk.commit_of(self._revision)
        if commit is None:
            return False
        listed, place = self._disk.tree(commit), self._disk.place(commit)
        try:
            if listed is None:
                return bool(select(place.names(), self._request.files))
            usable, _ = self._disk.usable(listed)
            wanted = set(select([file.path for file in usable], self._request.files))
        except NotFound:
            return False
        files = [file for file in usable if file.path in wanted]
        return not make_plan(files, presence=place.presence, drafted=lambda path, content: 0).to_come

    def _from_disk(self, *notes: Finding) -> FetchReport:
        commit = self._disk.commit_of(self._revision)
        if commit is None:
            raise _not_here(
                list(self._request.files), f"{self._request.repo} at {self._revision} was never fetched here"
            )
        listed = self._disk.tree(commit)
        if listed is not None:
            return self._carry_out(_Known(commit, listed), _NoSource(), listed, notes)
        return self._unlisted(commit, notes)

    def _unlisted(self, commit: str, notes: tuple[Finding, ...]) -> FetchReport:
        """Without a list of files there is only what there is; huggingface_hub takes that for the whole, too."""
        place = self._disk.place(commit)
        names = place.names()
        try:
            chosen = select(names, self._request.files)
        except NotFound as error:
            raise _not_here(list(self._request.files)) from error
        if not chosen:
            raise _not_here([], f"{self._request.repo} at {self._revision} was never fetched here")
        if not self._request.files or any(map(is_pattern, self._request.files)):
            message = "These are the files that were fetched before; whether there are more, only the Hub could say."
            notes = (*notes, Finding("completeness-unknown", message, severity="note"))
        files = tuple(FetchedFile(path, place.file(path).stat().st_size, "kept") for path in chosen)
        return self._made(commit, files, 0, sum(file.size for file in files), notes)

    def _on_wait(self, seconds: float, why: Unavailable) -> None:
        self._observer(Waiting("", seconds, why.finding))


def _unasked(failure: Unavailable) -> Finding:
    message = "The Hub could not be asked; these are the files as they were fetched last time."
    return replace(failure.finding, reference="hub-not-asked", message=message, severity="note")


def _not_here(missing: list[str], seen: str = "") -> NotFound:
    count = len(missing)
    evidence = [seen] if seen else []
    evidence += [f"not here: {path}" for path in missing[:5]]
    evidence += [f"and {count - 5} more"] if count > 5 else []
    return NotFound.of(
        "not-on-disk",
        "Not everything that was asked for is on this disk, and the Hub may not be asked.",
        seen=tuple(evidence),
        to_try=("run the same command once with the Hub within reach (without HF_HUB_OFFLINE)",),
    )
