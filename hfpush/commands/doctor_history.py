"""What the Hub would refuse of a repository, as an audit finds it, within a number of seconds.

A history that is too long for that is not begun, or given up: then the files of the newest commit alone are looked at,
which says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hfpush.diagnose.facts.repository import MOST_COMMITS
from hfpush.diagnose.side_by_side import Asking
from hfpush.endpoints import Endpoint, RepoType
from hfpush.errors import HfpushError
from hfpush.findings import Finding
from hfpush.repo.audit.found import Scan
from hfpush.repo.audit.remotes import hub_remotes
from hfpush.repo.audit.scoping import to_push
from hfpush.repo.repository import Repository
from hfpush.repo.scope import Scope

_COMMITS_A_SECOND = 600  # measured on two busy cores, with every commit of a few files
_WHOLE_SHARE = 0.6
_MOST_HASTY, _MOST_FILES = 100, 1_000
_NEWEST = "the newest commit"


@dataclass(frozen=True)
class Looked:
    """`looked` and `why` as in the facts; `unpushed` commits, at most one more than MOST_COMMITS."""

    looked: str = "nothing"
    why: str = ""
    unpushed: int | None = None
    findings: tuple[Finding, ...] = ()


def outgoing_scope(repository: Repository, endpoint: Endpoint, remotes: Sequence[tuple[str, str]]) -> Scope:
    """What no remote that is a Hub is known to have."""
    return to_push(repository, sorted(hub_remotes(remotes, endpoint)))


def count_commits(repository: Repository, scope: Scope) -> int:
    """How many commits a scope has, at most one more than MOST_COMMITS."""
    asked = "".join([*(f"{id}\n" for id in scope.tips.values()), *(f"^{id}\n" for id in scope.known)])
    said = repository.git.line(
        "rev-list", "--count", f"--max-count={MOST_COMMITS + 1}", "--stdin", stdin=asked.encode()
    )
    return int(said)


def is_crowded(repository: Repository) -> bool:
    """Whether what is checked out has so many files that it takes a while to look into each."""
    try:
        return repository.tip is not None and len(_paths(repository)) > _MOST_FILES
    except HfpushError:
        return False  # who looks into it meets the same, and says it


def _paths(repository: Repository) -> list[str]:
    listed = repository.git.line("ls-tree", "-r", "--name-only", "-z", "--full-tree", repository.head)
    return listed.split("\0")[:-1]


def look_at_history(
    repository: Repository,
    endpoint: Endpoint,
    remotes: Sequence[tuple[str, str]],
    *,
    repo_type: str,
    place: str,
    until: float,
    hasty: bool = False,
    crowded: bool = False,
) -> Looked:
    """An audit of what is to be pushed, by `until` (of time.monotonic). `hasty`: nobody is to wait for it, so a history
    of some length is left out, and where it is `crowded` (is_crowded) the contents of files are. Raises nothing that is
    wrong with it."""
    try:
        scope = outgoing_scope(repository, endpoint, remotes)
        commits = count_commits(repository, scope) if scope.tips else 0
    except HfpushError as error:
        return Looked(why="it cannot be read", findings=(error.finding,))
    if not scope.tips or not commits:
        return Looked("all", unpushed=commits)
    looking = _Looking(repository, sorted(hub_remotes(remotes, endpoint)), repo_type, place, crowded)
    seconds = until - time.monotonic()
    if commits <= min(_MOST_HASTY if hasty else MOST_COMMITS, seconds * _COMMITS_A_SECOND):
        found = looking.within(scope, time.monotonic() + seconds * _WHOLE_SHARE)
        if found is not None and crowded:
            return Looked("sizes", "there are many files", commits, found)
        if found is not None:
            return Looked("all", "", commits, found)
    if repository.tip is None or not count_commits(repository, replace(scope, tips={"HEAD": repository.tip})):
        return Looked("nothing", "it takes too long, and what is checked out is at the Hub", commits)
    found = looking.within(_tree(repository, scope), until)
    if found is None:
        return Looked("nothing", "it takes too long", commits)
    many = f"{commits:,}" if commits <= MOST_COMMITS else f"more than {MOST_COMMITS:,}"
    return Looked("tip", f"{many} commits take longer", commits, found)


class _Late(Exception):
    """There is no time left."""


@dataclass(frozen=True)
class _Looking:
    repository: Repository
    hubs: Sequence[str]
    repo_type: str
    place: str
    sizes_only: bool

    def within(self, scope: Scope, until: float) -> tuple[Finding, ...] | None:
        """The findings about a scope; None where they take longer."""
        asking = Asking(lambda: self._findings(scope, _clock(until)))
        return asking.wait(until)

    def _findings(self, scope: Scope, clock: Callable[..., None]) -> tuple[Finding, ...] | None:
        from hfpush.repo.audit.judge import Surroundings, judge
        from hfpush.repo.audit.scan import scan

        try:
            seen = scan(self.repository, scope, progress=clock, sizes_only=self.sizes_only)
            clock()
            if scope.tips.keys() == {_NEWEST}:
                seen = _as_of(seen, self.repository.head)
            if self.sizes_only:
                return judge(seen, Surroundings(self.place), self._counts())
            from hfpush.repo.audit.verdict import verdict_on  # it loads much, as the whole audit needs it

            kind: RepoType = self.repo_type  # type: ignore[assignment]  # a Question's is one
            verdict = verdict_on(
                self.repository, seen, place=self.place, hubs=self.hubs, repo_type=kind, stage=lambda _: clock()
            )
        except _Late:
            return None
        except HfpushError as error:
            return (error.finding,)
        return verdict.findings

    def _counts(self) -> tuple[Finding, ...]:
        """What the numbers of files in the newest commit's folders amount to."""
        from hfpush.repo.audit.flaws import Flaws
        from hfpush.repo.audit.names import entries_by_folder
        from hfpush.repo.audit.tip_rules import count_flaws, tip_findings

        paths = _paths(self.repository)
        flaws = Flaws()
        flaws.add(count_flaws(entries_by_folder(paths), len(paths)), ("HEAD",))
        return tip_findings(flaws, self.place)


def _clock(until: float) -> Callable[..., None]:
    def tell(*_: object) -> None:
        if time.monotonic() > until:
            raise _Late

    return tell


def _tree(repository: Repository, scope: Scope) -> Scope:
    """The files of the newest commit, by themselves."""
    tree = repository.git.line("rev-parse", f"{repository.head}^{{tree}}")
    return Scope({_NEWEST: tree}, shallow=scope.shallow)


def _as_of(seen: Scan, head: str) -> Scan:
    """What was seen of a tree, as brought in by the commit that it is of, which is the only one that was looked at."""
    blobs = (
        replace(blob, sightings=tuple(replace(at, commit=head) for at in blob.sightings), refs=("HEAD",))
        for blob in seen.blobs
    )
    return replace(seen, scope=Scope({"HEAD": head}, shallow=seen.scope.shallow), commits=1, blobs=tuple(blobs))
