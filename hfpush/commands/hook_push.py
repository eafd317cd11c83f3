"""What a pre-push hook does: judge what is pushed, and bring its LFS objects to the Hub before git sends commits."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from hfpush.commands.hook_staged import size_limit
from hfpush.commands.sending import Sending, SendingObserver
from hfpush.endpoints import Endpoint
from hfpush.errors import Refused
from hfpush.lfs.pointer import LfsObject
from hfpush.net.http import Http
from hfpush.net.network import Network
from hfpush.net.watchdog import watched
from hfpush.repo.audit.scan import scan
from hfpush.repo.audit.scoping import of_range
from hfpush.repo.audit.verdict import verdict_on
from hfpush.repo.hash_cache import HashCache
from hfpush.repo.history import outgoing
from hfpush.repo.hooks.pushed import Destination, PushedRef, destination, kept_back
from hfpush.repo.hooks.verdict import backup_finding
from hfpush.repo.process import GitFailed
from hfpush.repo.repository import Repository
from hfpush.settings import DEFAULT_ATTEMPTS
from hfpush.transfer.lfs_api import LfsApi
from hfpush.transfer.observe import UploadReport


@dataclass(frozen=True)
class PrePushRequest:
    """A push that git is about to make from the repository around `path`: to `remote` (a name, or the URL again) at
    `url`, of these `refs`. The rest is as for a publish."""

    path: Path
    remote: str
    url: str = field(repr=False)
    refs: tuple[PushedRef, ...]
    endpoint: Endpoint
    state_dir: Path
    token: str | None = field(default=None, repr=False)
    jobs: int = 64
    attempts: int = DEFAULT_ATTEMPTS
    network: Network = field(default_factory=Network)


@dataclass(frozen=True)
class PrePushReport:
    """What was done. `objects` is how many LFS objects the push speaks of; `upload` is None where the other side is no
    Hub, or where no token is known: then git-lfs sends them, with its own credentials."""

    objects: int
    upload: UploadReport | None = None


def pre_push(request: PrePushRequest, observer: SendingObserver) -> PrePushReport:
    """Judge the push, and if the other side is a Hub send the LFS objects that it lacks.

    Raises Refused with every reason why the Hub would refuse it, before anything is sent; other HfpushErrors when the
    objects cannot be brought there. The push must not go on then.
    """
    kept = kept_back(request.refs)
    if kept:
        raise Refused(backup_finding(kept))
    repository = Repository.around(request.path)
    refs = [ref for ref in request.refs if ref.local is not None]
    if not refs:
        return PrePushReport(0)
    known = _known(repository, request)
    to = destination(request.url, request.endpoint)
    _judge(repository, refs, known, to, observer)
    if to is None:
        return PrePushReport(0)
    objects = _objects(repository, refs, known)
    token = to.token or request.token
    if not objects or token is None:
        return PrePushReport(len(objects))
    with watched(request.network, observer.news) as network:
        seen = replace(request, network=network)
        return PrePushReport(len(objects), _send(repository, objects, refs, to, token, seen, observer))


def _known(repository: Repository, request: PrePushRequest) -> frozenset[str]:
    """Commits that are here and that the other side has: where its refs are now, and where they were seen last."""
    known = {ref.remote for ref in request.refs if ref.remote is not None}
    if request.remote != request.url:
        pattern = f"refs/remotes/{request.remote}/"
        known |= set(repository.git.line("for-each-ref", "--format=%(objectname)", pattern).split())
    return frozenset(commit for commit in known if _is_here(repository, commit))


def _is_here(repository: Repository, commit: str) -> bool:
    try:
        repository.git.read("cat-file", "-e", f"{commit}^{{commit}}")
    except GitFailed:
        return False
    return True


def _judge(
    repository: Repository,
    refs: list[PushedRef],
    known: frozenset[str],
    to: Destination | None,
    observer: SendingObserver,
) -> None:
    """Raises Refused with all that the Hub would refuse."""
    observer.stage("looking at what is pushed")
    words = [*(str(ref.local) for ref in refs), *(f"^{commit}" for commit in sorted(known))]
    limit = size_limit(repository)
    seen = scan(repository, of_range(repository, words), above=limit)
    verdict = verdict_on(repository, seen, repo_type=None if to is None else to.repo.type)
    errors = [finding for finding in verdict.findings if finding.severity == "error"]
    if errors:
        raise Refused.of_all(errors)


def _objects(repository: Repository, refs: list[PushedRef], known: frozenset[str]) -> list[LfsObject]:
    """The LFS objects of all that is pushed, each once."""
    found: dict[str, LfsObject] = {}
    for ref in refs:
        commit = repository.commit_of(str(ref.local))
        if commit is not None:
            for one in outgoing(repository, commit, known).objects:
                found.setdefault(one.pointer.oid, one)
    return list(found.values())


def _send(
    repository: Repository,
    objects: list[LfsObject],
    refs: list[PushedRef],
    to: Destination,
    token: str,
    request: PrePushRequest,
    observer: SendingObserver,
) -> UploadReport:
    hashes = HashCache.of(request.state_dir, repository.root or repository.git_dir)
    branches = [ref.remote_ref.removeprefix("refs/heads/") for ref in refs if ref.remote_ref.startswith("refs/heads/")]
    http = Http(
        to.repo.endpoint,
        token,
        network=request.network,
        connections=request.jobs,
    )
    with http:
        lfs = LfsApi(http, to.repo, branches[0] if branches else "main")
        sending = Sending(lfs, hashes, request.state_dir, observer, jobs=request.jobs, attempts=request.attempts)
        answers = sending.ask(objects)
        report = sending.send(sending.uploads(repository, objects, answers))
        sending.confirm(objects)
        sending.forget(objects)
    return report
