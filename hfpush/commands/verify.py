"""Read what lies in a Hub cache, or in a folder that was fetched into, and compare it with the Hub's digests.

A blob of a cache is named by its digest, so that most of it needs nobody's word; lists of files say what belongs into a
snapshot. Nothing is changed; verify_repair.py does that.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from hfpush.commands.verify_cache import cached_repos, survey
from hfpush.commands.verify_folder import notes_of, sightings_in
from hfpush.commands.verify_found import WRONG, CacheRepo, Listing, Sighting
from hfpush.commands.verify_judge import judged, merged, needs_list, never_fetched, sightings
from hfpush.commands.verify_lists import Asking, Lists
from hfpush.commands.verify_read import Reading, read_all
from hfpush.commands.verify_report import VerifiedRepo, VerifyReport, VerifyRequest
from hfpush.commands.verify_words import asides, repair_command, told, unlisted_finding
from hfpush.endpoints import RepoAddress
from hfpush.errors import Misuse, NotFound
from hfpush.findings import Finding
from hfpush.hub.cache import RepoCache, default_cache
from hfpush.hub.tree import is_safe_path
from hfpush.hub.tree_cache import is_commit
from hfpush.settings import Settings


def verify(settings: Settings, request: VerifyRequest, reading: Reading) -> VerifyReport:
    """What is right and wrong there. Each file is read once; the Hub is asked for a list of files only where none is
    kept, and its absence is a note.

    Raises NotFound (`not-on-disk`), Misuse (`two-places`, `revision-invalid`), LocalTrouble.
    """
    if request.cache_dir is not None and request.local_dir is not None:
        raise Misuse.of(
            "two-places",
            "A verify looks either at a cache or at a folder.",
            to_try=("leave out --cache-dir or --local-dir",),
        )
    if request.revision is not None and not is_safe_path(request.revision):
        raise Misuse.of("revision-invalid", f"{request.revision!r} is not a branch, a tag or a commit.")
    began = time.monotonic()
    look = _Folder(settings, request) if request.local_dir is not None else _Cache(settings, request)
    found = look.found()
    items = merged(one for each in found for one in each)
    verdicts = read_all(items, jobs=request.jobs, reading=reading)
    repos = look.repos([list(judged(each, verdicts)) for each in found])
    size = sum(item.size for item in items)
    return VerifyReport(look.place, repos, len(items), size, 0, time.monotonic() - began)


def cache_root(request: VerifyRequest) -> Path:
    """The folder of the cache that a request is about."""
    return request.cache_dir.expanduser().absolute() if request.cache_dir is not None else default_cache()


def address_of(settings: Settings, request: VerifyRequest, repo_type: str, repo_id: str) -> RepoAddress | None:
    """The repository on the endpoint in use; None for a folder whose name is no repository's."""
    if request.repo is not None:
        return request.repo
    try:
        return RepoAddress.parse(settings.usual_endpoint, repo_id, repo_type)
    except Misuse:
        return None


class _Cache:
    """A cache, or one repository of it."""

    def __init__(self, settings: Settings, request: VerifyRequest) -> None:
        self._settings = settings
        self._request = request
        self.place = cache_root(request)
        self._repos: list[CacheRepo] = []
        self._lists: list[dict[str, Listing]] = []
        self._notes: list[tuple[Finding, ...]] = []

    def found(self) -> list[list[Sighting]]:
        """What each repository shows."""
        asking, all_found = Asking(self._settings), []
        for folder, commit in self._folders():
            repo = survey(folder, commit)
            named = self._request.repo is not None
            address = address_of(self._settings, self._request, repo.type, repo.id)
            lists = Lists(repo.folder, address, asking)
            known = {
                each: listing
                for each in repo.snapshots
                if (listing := lists.at(each, ask=named or needs_list(repo, each))) is not None
            }
            failure = lists.failure
            self._repos.append(repo)
            self._lists.append(known)
            self._notes.append(() if failure is None else (unlisted_finding(str(repo), failure),))
            all_found.append(sightings(repo, known, spare=commit is None))
        return all_found

    def repos(self, found: Sequence[Sequence[Sighting]]) -> tuple[VerifiedRepo, ...]:
        """The repositories, now that everything was read."""
        parts = zip(self._repos, self._lists, self._notes, found, strict=True)
        return tuple(self._verified(*part) for part in parts)

    def _folders(self) -> list[tuple[Path, str | None]]:
        request = self._request
        if request.repo is None:
            return [(folder, None) for folder in cached_repos(self.place)]
        cache = RepoCache(self.place, request.repo)
        commit = None if request.revision is None else cache.commit_of(request.revision)
        if not cache.folder.is_dir() or (request.revision is not None and not _has(cache, commit)):
            raise _not_here(f"{request.repo} at {request.revision or 'any revision'}", cache.folder)
        return [(cache.folder, commit)]

    def _verified(
        self, repo: CacheRepo, lists: dict[str, Listing], notes: tuple[Finding, ...], found: Sequence[Sighting]
    ) -> VerifiedRepo:
        wrong = tuple(one for one in found if one.state in WRONG)
        command = repair_command(self._request, repo.type, repo.id)
        findings = (*told(str(repo), found, command), *notes)
        if self._request.revision is None:
            findings = (*findings, *asides(repo, never_fetched(repo, lists)))
        commits, size = tuple(repo.snapshots), sum(repo.drafts.values())
        return VerifiedRepo(repo.type, repo.id, repo.folder, commits, len(found), wrong, drafts=size, findings=findings)


class _Folder:
    """A folder that was fetched into."""

    def __init__(self, settings: Settings, request: VerifyRequest) -> None:
        self._settings = settings
        self._request = request
        self.place = (request.local_dir or Path()).expanduser().absolute()
        self._lists: Lists | None = None
        self._commit: str | None = None

    def found(self) -> list[list[Sighting]]:
        """What the notes and lists know of the folder."""
        request, asking = self._request, Asking(self._settings)
        notes = notes_of(self.place)
        if not self.place.is_dir() or (not notes and request.repo is None):
            raise _not_here("anything that hfpush or hf fetched", self.place)
        lists = self._lists = Lists(self.place / ".cache" / "huggingface", request.repo, asking)
        whole = request.revision is not None or not notes
        if whole and request.repo is None:
            raise Misuse.of(
                "verify-needs-repo",
                "To compare a folder with a revision, its repository must be named.",
                to_try=(repair_command(request, "model", "").removesuffix(" --repair"),),
            )
        if whole and request.repo is not None:
            revision = request.revision or "main"
            self._commit = revision if is_commit(revision) else asking.commit(request.repo, revision)
        else:
            newest = max(notes.values(), key=lambda note: note.time)
            self._commit = newest.commit
        return [sightings_in(self.place, notes, lists.at, self._commit, whole=whole)]

    def repos(self, found: Sequence[Sequence[Sighting]]) -> tuple[VerifiedRepo, ...]:
        """The folder, as the one repository that is in it."""
        request, repo = self._request, self._request.repo
        kind, name = (repo.type, repo.id) if repo is not None else ("model", "")
        wrong = tuple(one for one in found[0] if one.state in WRONG)
        failure = self._lists.failure if self._lists is not None else None
        notes = () if failure is None else (unlisted_finding(str(self.place), failure),)
        findings = (*told(str(self.place), found[0], repair_command(request, kind, name)), *notes)
        commits = tuple(dict.fromkeys(one.commit for one in found[0]))
        return (VerifiedRepo(kind, name, self.place, commits, len(found[0]), wrong, findings=findings),)


def _has(cache: RepoCache, commit: str | None) -> bool:
    return commit is not None and (cache.folder / "snapshots" / commit).is_dir()


def _not_here(what: str, where: Path) -> NotFound:
    return NotFound.of(
        "not-on-disk",
        f"There is nothing to verify: {what} is not there.",
        seen=(str(where),),
        to_try=("hfpush fetch brings it; name the place with --cache-dir or --local-dir, if it is another one",),
    )
