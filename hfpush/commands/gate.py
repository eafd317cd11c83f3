"""The gate before a publish: what the Hub would refuse is told before anything is sent, or mended when that was asked.

Of two ways to mend, `fix` changes the repository's own branches, with a way back; `rewrite` publishes a mended copy of
the history and leaves the repository as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from hfpush import units
from hfpush.commands.export import export
from hfpush.commands.fix import fix
from hfpush.commands.fix_report import FixPlan, FixRequest
from hfpush.commands.publish_report import Mended, PublishObserver, PublishRequest
from hfpush.errors import LocalTrouble, Refused
from hfpush.findings import Finding
from hfpush.hub.api import Candidate, UploadMode
from hfpush.repo.audit.found import Scan
from hfpush.repo.audit.hub_modes import with_hub_modes
from hfpush.repo.audit.judged import Verdict
from hfpush.repo.audit.verdict import verdict_on
from hfpush.repo.history import Outgoing, outgoing
from hfpush.repo.mend import mending
from hfpush.repo.mend.findings import interrupted_finding
from hfpush.repo.repository import Repository

AskModes = Callable[[Sequence[Candidate]], Mapping[str, UploadMode]]
"""Asks the Hub how it wants files uploaded."""

# Whether an object is missing is for the Hub to say, which may have it, and then for the search in the work tree.
_TOLD_LATER = frozenset({"object-missing", "object-corrupt"})


_MENDED = frozenset({"large-file-in-git", "binary-file-in-git"})
_ON_THE_WAY = (
    "or the same command with --fix, which does that first",
    "or with --rewrite, which publishes a mended copy of the history and leaves your branches as they are",
)


@dataclass(frozen=True)
class Admitted:
    """What goes to the Hub: a commit of `repository`, what it carries, and what is to be said about it."""

    repository: Repository
    commit: str
    carried: Outgoing
    notes: tuple[Finding, ...] = ()
    mended: Mended | None = None


def admit(
    repository: Repository,
    request: PublishRequest,
    known: Collection[str],
    observer: PublishObserver,
    ask_modes: AskModes | None = None,
) -> Admitted:
    """Looks at everything that the Hub, which has the commits `known`, would be sent, and mends it if that was asked.

    `ask_modes` gives the Hub's own word on what is binary; without it (there is no such repository yet) the stricter
    local rule holds. Raises Refused with all that was found when the Hub would refuse it, LocalTrouble
    while a fix waits to be brought to its end.
    """
    if request.mend != "fix" and mending.pending(repository) is not None:  # a fix first ends what was interrupted
        so_what = ", so its branches may be in the middle of a move"
        raise LocalTrouble(interrupted_finding(str(request.path), so_what))
    gate = _Gate(request, known, observer, ask_modes)
    commit = repository.head
    carried, verdict = gate.look(repository, commit)
    if request.mend is None or not verdict.offences:
        return Admitted(repository, commit, carried, _passed(verdict))
    if request.dry_run:
        return Admitted(repository, commit, carried, (_to_be_mended(verdict), *_warnings(verdict)))
    if request.mend == "fix":
        repository, commit, mended = gate.fixed()
    else:
        observer.stage("making a history that the Hub takes")
        commit, made = export(repository, carried.scan.scope, verdict.offences, request.revision)
        mended = Mended("rewrite", len({one.path for one in made.plan.offences}), len(made.commits))
    carried, verdict = gate.look(repository, commit)
    return Admitted(repository, commit, carried, _passed(verdict), mended)


class _Gate:
    def __init__(
        self,
        request: PublishRequest,
        known: Collection[str],
        observer: PublishObserver,
        ask_modes: AskModes | None,
    ) -> None:
        self._request = request
        self._known = known
        self._observer = observer
        self._ask_modes = ask_modes

    def look(self, repository: Repository, commit: str) -> tuple[Outgoing, Verdict]:
        """What a push of the commit carries, and what the Hub would say to it."""
        self._observer.stage("looking at the history")
        carried = outgoing(repository, commit, self._known)
        scan, asked = self._with_the_hubs_word(carried.scan)
        verdict = verdict_on(
            repository, scan, place=str(self._request.path), repo_type=self._request.repo.type, asked=asked, agent=True
        )
        findings = tuple(one for one in verdict.findings if one.reference not in _TOLD_LATER)
        return carried, Verdict(findings, verdict.offences, verdict.unmendable)

    def fixed(self) -> tuple[Repository, str, Mended]:
        """The repository with its own branches mended."""
        watch = _Fixing(self._observer)
        done = fix(FixRequest(self._request.path), watch)
        repository = Repository.open(self._request.path)
        plan = None if done.plan is None else done.plan.rewrite
        files = len({one.path for one in plan.offences}) if plan else 0
        return repository, repository.head, Mended("fix", files, plan.commits if plan else 0, done.backup)

    def _with_the_hubs_word(self, scan: Scan) -> tuple[Scan, bool]:
        """The scan with the Hub's answer about binary files, and whether there is one.

        A mended copy must come out the same each time, so what goes into it does not hang on answers.
        """
        if self._ask_modes is None or self._request.mend == "rewrite":
            return scan, False
        doubtful = [
            Candidate(at.path, blob.size, blob.head) for blob in scan.blobs if blob.binary for at in blob.sightings
        ]
        return (with_hub_modes(scan, self._ask_modes(doubtful)), True) if doubtful else (scan, False)


class _Fixing:
    """Watches a fix that was asked for with the publish."""

    def __init__(self, observer: PublishObserver) -> None:
        self._observer = observer

    def stage(self, text: str) -> None:
        self._observer.stage(text)

    def progress(self, what: str, done: int, of: int | None) -> None:
        """A publish shows stages, and bars only for what it sends."""

    def planned(self, plan: FixPlan) -> None:
        """It is told with the plan of the publish."""

    def agreed(self, plan: FixPlan) -> bool:
        return True

    def reached(self, step: str) -> None:
        """Nothing waits for it."""


def _passed(verdict: Verdict) -> tuple[Finding, ...]:
    """What is to be said about a history that may go; raises Refused for one that may not."""
    if verdict.clean:
        return verdict.findings
    first, *others = verdict.findings
    if verdict.offences and first.reference in _MENDED:
        first = replace(first, remedy=(*first.remedy, *_ON_THE_WAY))
    raise Refused.of_all((first, *others))


def _warnings(verdict: Verdict) -> tuple[Finding, ...]:
    return tuple(one for one in verdict.findings if one.severity != "error")


def _to_be_mended(verdict: Verdict) -> Finding:
    paths = sorted({one.path for one in verdict.offences})
    return Finding(
        "history-to-be-mended",
        f"{units.count(len(paths), 'file')} in git itself would become LFS pointers before anything is sent.",
        remedy=("hfpush fix --dry-run, which shows what that changes",),
        severity="note",
    )
