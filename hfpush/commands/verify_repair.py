"""Put right what a verify found wrong: exactly those files are fetched, each at its own commit.

A damaged file stays in its place until a verified one is moved over it. What of it may be right becomes the draft that
the fetch goes on with (verify_draft.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from hfpush.commands.choose import Tell
from hfpush.commands.fetch_report import FetchRequest
from hfpush.commands.through import fetch_through
from hfpush.commands.verify import address_of, cache_root
from hfpush.commands.verify_draft import heal_shared, salvage
from hfpush.commands.verify_found import Sighting
from hfpush.commands.verify_lists import Asking
from hfpush.commands.verify_report import VerifiedRepo, VerifyReport, VerifyRequest
from hfpush.commands.verify_words import confirmed_command, repair_command, told
from hfpush.endpoints import RepoAddress
from hfpush.errors import HfpushError, Misuse
from hfpush.findings import Finding
from hfpush.hub.cache import RepoCache
from hfpush.hub.content import content_of
from hfpush.hub.local_dir import LocalDir
from hfpush.receive.events import Observer, silent
from hfpush.receive.place import Place
from hfpush.settings import Settings

_FROM_AGAIN = ("damaged", "unreadable")


def replaced(report: VerifyReport) -> tuple[Sighting, ...]:
    """The files of a folder that a repair would replace: somebody may have edited them on purpose."""
    return tuple(one for one in report.wrong if one.state != "missing")


@dataclass(frozen=True)
class RepairMeans:
    """What a repair needs from outside. `agreed` is asked once before files of a folder are replaced."""

    settings: Settings
    observer: Observer = silent
    tell: Tell = lambda line: None
    agreed: Callable[[tuple[Sighting, ...]], bool] = lambda files: True


def repair(means: RepairMeans, request: VerifyRequest, report: VerifyReport) -> VerifyReport:
    """The report as it is when what was wrong has been put right, as far as it could be.

    What cannot be had for one repository is a finding of it, and the others are repaired all the same. Raises Misuse
    (`verify-needs-repo`), and what a fetch raises where a single repository was named.
    """
    if report.clean:
        return report
    if request.local_dir is not None:
        if request.repo is None:
            raise Misuse.of(
                "verify-needs-repo",
                "The notes in a folder do not say which repository it is from; a repair must be told.",
                to_try=(repair_command(request, "model", ""),),
            )
        asked = replaced(report)
        if asked and not means.agreed(asked):
            return report
    began, wire, repos = time.monotonic(), 0, []
    for repo in report.repos:
        if not repo.wrong:
            repos.append(repo)
            continue
        mending = _Mending(means, request, repo)
        repos.append(mending.run())
        wire += mending.wire
    seconds = report.seconds + time.monotonic() - began
    return replace(report, repos=tuple(repos), bytes_wire=wire, seconds=seconds)


def unconfirmed(request: VerifyRequest, files: tuple[Sighting, ...]) -> Misuse:
    """The error for a repair that would replace files of a folder, where nobody can be asked."""
    assert request.repo is not None
    return Misuse.of(
        "repair-unconfirmed",
        "The repair would replace files of the folder, and there is no terminal to ask on.",
        seen=tuple(f"{one.path!r}: {one.seen}" for one in files[:8]),
        to_try=(confirmed_command(request, request.repo.type, request.repo.id),),
    )


class _Mending:
    """The repair of one repository, or of a folder."""

    def __init__(self, means: RepairMeans, request: VerifyRequest, repo: VerifiedRepo) -> None:
        self._means = means
        self._request = request
        self._repo = repo
        self._address = address_of(means.settings, request, repo.type, repo.id)
        self._done: list[Sighting] = []
        self._whole: set[Path] = set()
        self.wire = 0

    def run(self) -> VerifiedRepo:
        """The repository as it is then."""
        failures: list[Finding] = []
        for commit in dict.fromkeys(one.commit for one in self._repo.wrong):
            wrong = [one for one in self._repo.wrong if one.commit == commit]
            try:
                if not commit:
                    self._remove(wrong)
                elif self._address is not None:
                    self._fetch(self._address, commit, wrong)
            except HfpushError as error:
                if self._request.repo is not None:
                    raise
                failures.append(error.finding)
        left = tuple(one for one in self._repo.wrong if one not in self._done)
        kept = [finding for finding in self._repo.findings if finding.severity != "error"]
        command = repair_command(self._request, self._repo.type, self._repo.id) if failures else None
        findings = (*told(str(self._repo), left, command), *failures, *kept)
        return replace(self._repo, wrong=left, repaired=tuple(self._done), findings=findings)

    def _fetch(self, address: RepoAddress, commit: str, wrong: Iterable[Sighting]) -> None:
        listed = self._listed(address, commit, wrong)
        if not listed:
            return
        place = self._place(address, commit)
        again = []
        for one in listed:
            content = one.content
            assert content is not None
            if one.state in _FROM_AGAIN and (one.item is None or one.item.where not in self._whole):
                again.append(one.path)
                if one.item is not None and one.state == "damaged":
                    salvage(place.home(one.path, content), one.item.where)
            elif one.state == "misplaced" and place.file(one.path).is_symlink():
                again.append(one.path)
        request = FetchRequest(
            repo=address,
            revision=commit,
            files=tuple(one.path for one in listed),
            cache_dir=None if self._request.local_dir is not None else cache_root(self._request),
            local_dir=self._request.local_dir,
            jobs=self._means.settings.jobs,
            offline=self._means.settings.offline,
            attempts=self._means.settings.attempts,
            again=tuple(again),
        )
        report = fetch_through(self._means.settings, request, observer=self._means.observer, tell=self._means.tell)
        self.wire += report.bytes_wire
        fetched = {file.path for file in report.files}
        for one in listed:
            if one.path in fetched:
                self._settle(address, one)

    def _settle(self, address: RepoAddress, one: Sighting) -> None:
        """A file is right now, and so is whatever else shares its bytes."""
        self._done.append(one)
        if one.item is None:
            return
        self._whole.add(one.item.where)
        shared = cache_root(self._request) / "blobs"
        if self._request.local_dir is None and one.item.where.parent.parent == Path(shared).resolve():
            content = one.content
            blob = RepoCache(cache_root(self._request), address).folder / "blobs" / (content.id if content else "")
            if blob.is_file() and not blob.is_symlink() and one.state == "damaged":
                heal_shared(blob, one.item.where)

    def _listed(self, address: RepoAddress, commit: str, wrong: Iterable[Sighting]) -> list[Sighting]:
        """Those that the commit's list has, by which alone they can be had. Raises what asking for it does."""
        wrong = list(wrong)
        if all(one.listed is not None for one in wrong):
            return wrong
        files = Asking(self._means.settings).listing(address, commit).files
        found = [one if one.listed is not None else replace(one, listed=files.get(one.path)) for one in wrong]
        kept = [one for one in found if one.listed is not None and content_of(one.listed)]
        self._repo = replace(self._repo, wrong=tuple(_known(each, found) for each in self._repo.wrong))
        return kept

    def _remove(self, wrong: Iterable[Sighting]) -> None:
        """A blob that no snapshot shows, and that is not what its name says: the next fetch would believe the name."""
        for one in wrong:
            if one.state in ("damaged", "misplaced"):
                (self._repo.folder / one.path).unlink(missing_ok=True)
                self._done.append(one)

    def _place(self, address: RepoAddress, commit: str) -> Place:
        if self._request.local_dir is not None:
            return LocalDir(self._request.local_dir.expanduser().absolute(), commit)
        return RepoCache(cache_root(self._request), address).snapshot(commit)


def _known(each: Sighting, found: Iterable[Sighting]) -> Sighting:
    one = next((one for one in found if (one.path, one.commit) == (each.path, each.commit)), each)
    return one if one.listed is not None else replace(one, seen=f"{one.seen}; the Hub has no such file at that commit")
