"""Publish a repository or a folder: what is missing at the Hub goes there, the refs follow, and the result is checked.

The order makes it safe to be killed anywhere: objects first (journaled, so a rerun goes on), then the refs by git
itself, then the Hub's own word that everything is there. Nobody's commit is ever overwritten.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TypeVar

from hfpush import units
from hfpush.commands.branch import Move, RemoteBranch, check_free, move_for
from hfpush.commands.publish_report import PublishObserver, PublishPlan, PublishReport, PublishRequest
from hfpush.disk.lock import hold
from hfpush.errors import Damaged, NotFound, Refused, Unavailable
from hfpush.findings import Finding
from hfpush.hub.api import HubApi
from hfpush.lfs.batch import MAX_OBJECTS, Answered, Present, Rejected
from hfpush.lfs.lease import Lease
from hfpush.lfs.pointer import Pointer
from hfpush.net.http import Http
from hfpush.net.retry import RetryPolicy, call_with_retry
from hfpush.repo import folder
from hfpush.repo.content import Located, corrupt_finding, locate, missing_finding
from hfpush.repo.hash_cache import HashCache
from hfpush.repo.history import LfsObject, Outgoing, outgoing
from hfpush.repo.remote import Remote, RemoteRefs, branch_ref, ls_remote, push
from hfpush.repo.repository import Repository, existing_folder, kind_of
from hfpush.repo.rules import absent_finding, large_file_finding
from hfpush.transfer.engine import Engine
from hfpush.transfer.happened import Leased
from hfpush.transfer.journal import JournalStore
from hfpush.transfer.lfs_api import LfsApi
from hfpush.transfer.observe import UploadReport
from hfpush.transfer.refusals import rejected
from hfpush.transfer.source import Source
from hfpush.transfer.upload import UploadObject

T = TypeVar("T")
_ASKING_THREADS = 4
_HUBS_OWN_FILES = {".gitattributes", "README.md"}


def publish(request: PublishRequest, observer: PublishObserver) -> PublishReport:
    """Bring `request.path` to the Hub, or say why not. Running it again goes on, and does nothing when all is there.

    Raises HfpushError; in each case nothing is lost and nothing half-visible: the branch moves only when every object
    it needs is at the Hub.
    """
    began = time.monotonic()
    branch_ref(request.revision)
    with ExitStack() as stack:
        place = existing_folder(request.path)
        for what, name in ((f"The folder {place}", str(place)), (f"{request.repo}", request.repo.web_url)):
            stack.enter_context(hold(request.state_dir / "locks" / f"{_key(name)}.lock", what))
        http = stack.enter_context(
            Http(
                request.repo.endpoint,
                request.token,
                patience=request.patience,
                connections=request.jobs,
                ca_bundle=request.ca_bundle,
            )
        )
        return _Publish(request, observer, http).run(began)


def _key(name: str) -> str:
    """A file name for a path or an address."""
    return hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:32]


class _Publish:
    def __init__(self, request: PublishRequest, observer: PublishObserver, http: Http) -> None:
        self._request = request
        self._observer = observer
        self._policy = RetryPolicy(attempts=request.attempts)
        self._hub = HubApi(http, request.repo, policy=self._policy, sleep=time.sleep, on_wait=observer.waiting)
        self._lfs = LfsApi(http, request.repo, request.revision)
        self._remote = Remote(request.repo.web_url, request.token)
        self._hashes = HashCache(request.state_dir / "hashes" / f"{_key(str(existing_folder(request.path)))}.json")

    def run(self, began: float) -> PublishReport:
        dry_run, is_folder = self._request.dry_run, kind_of(self._request.path) == "folder"
        if is_folder and dry_run:
            plan = self._plan_of_folder()
            self._observer.planned(plan)
            return PublishReport(plan, seconds=time.monotonic() - began)
        repository = None if is_folder else Repository.open(self._request.path)
        self._observer.stage("asking the Hub")
        exists = self._hub.exists()
        refs = self._refs(repository) if exists else RemoteRefs({}, None)
        branch = self._branch(refs, repository)
        check_free(branch, folder=is_folder)
        adopted = self._adopt(branch) if is_folder else None
        repository = repository or Repository.open(self._request.path)
        carried = outgoing(repository, repository.head, refs.commits)
        if carried.large:
            raise Refused(large_file_finding(carried.large, repository.branch))
        if not exists and not dry_run:
            self._contents(repository, carried.objects)  # what stops a publish stops it before anything is made
            self._hub.create(private=self._request.private)
            refs = self._refs(repository)
            branch = self._branch(refs, repository)
            check_free(branch, folder=is_folder)
        move = move_for(branch, repository.head)
        answers = self._ask(carried.objects) if exists or not dry_run else {}
        plan = self._plan(repository.head, adopted, carried, move, answers, creates=not exists)
        uploads = self._uploads(repository, carried, answers)
        self._hashes.save()
        self._observer.planned(plan)
        if dry_run:
            return PublishReport(plan, seconds=time.monotonic() - began)
        upload = self._send(uploads)
        if move != "nothing":
            self._observer.stage("pushing the commits")
            self._push(repository, move, refs)
        self._observer.stage("checking what the Hub has now")
        verified = self._verify(repository, [one.pointer for one in carried.objects])
        self._forget(carried.objects)
        return PublishReport(plan, upload, move != "nothing", verified, time.monotonic() - began)

    # -- looking ---------------------------------------------------------------------------------------------------

    def _adopt(self, branch: RemoteBranch) -> folder.Adopted:
        """The folder as a commit, in a repository of its own, on top of what the Hub's branch has of it."""
        self._observer.stage("reading the folder")
        return folder.adopt(
            self._request.path,
            branch.name,
            self._hashes,
            onto=branch.head if branch.head_is_ours else None,
            progress=self._observer.hashed,
        )

    def _refs(self, repository: Repository | None) -> RemoteRefs:
        return self._retried(lambda: ls_remote(self._remote, repository=repository))

    def _branch(self, refs: RemoteRefs, repository: Repository | None) -> RemoteBranch:
        """The Hub's branch, seen from the repository, or from the folder where there is none."""
        name = self._request.revision
        head = refs.branch(name)
        if head is None:
            return RemoteBranch(name, None)
        if repository is None:
            ours = folder.holds(self._request.path, head)
        else:
            ours = repository.is_ancestor(head, repository.head)
        return RemoteBranch(name, head, ours, not ours and self._only_initial(head))

    def _only_initial(self, head: str) -> bool:
        """Whether the Hub's branch holds nothing but the commit that it made itself when the repository was created."""
        if self._hub.commit_titles(head) != ["initial commit"]:
            return False
        return all(file.path in _HUBS_OWN_FILES for file in self._hub.files(head))

    def _ask(self, objects: Sequence[LfsObject]) -> dict[str, tuple[Answered, float]]:
        """What the Hub says of each object, and when it said so (unix time), by oid."""
        self._observer.stage("asking what the Hub has")

        def ask(chunk: Sequence[Pointer]) -> list[tuple[str, tuple[Answered, float]]]:
            answers = self._retried(lambda: self._lfs.ask_upload(chunk))
            return [(oid, (answer, time.time())) for oid, answer in answers.items()]

        return dict(_in_batches([one.pointer for one in objects], ask))

    def _uploads(
        self, repository: Repository, carried: Outgoing, answers: dict[str, tuple[Answered, float]]
    ) -> list[UploadObject]:
        """The objects that have to be sent, each with its bytes here and the lease that was offered for it."""
        wanted = []
        for one in carried.objects:
            answer = answers.get(one.pointer.oid, (None, 0.0))[0]
            if isinstance(answer, Rejected):
                raise rejected(one.paths[0], answer)
            if not isinstance(answer, Present):
                wanted.append(one)
        found = self._contents(repository, wanted)
        uploads = []
        for one in wanted:
            file = found[one.pointer.oid]
            answer, at = answers.get(one.pointer.oid, (None, 0.0))
            offer = Leased(answer, at) if isinstance(answer, Lease) else None
            uploads.append(UploadObject(one.pointer, Source(file.path, file.size, file.mtime_ns, file.name), offer))
        return uploads

    def _contents(self, repository: Repository, wanted: Sequence[LfsObject]) -> dict[str, Located]:
        """Where the bytes of each object are, by oid. Raises NotFound or Damaged for those that are nowhere."""
        self._observer.stage("looking for the files")
        contents = locate(repository, wanted, self._hashes, progress=self._observer.hashed)
        if contents.missing:
            corrupt = [bad for bad in contents.corrupt if bad.object in contents.missing]
            raise Damaged(corrupt_finding(corrupt)) if corrupt else NotFound(missing_finding(contents.missing))
        return contents.found

    def _plan(
        self,
        head: str,
        adopted: folder.Adopted | None,
        carried: Outgoing,
        move: Move,
        answers: dict[str, tuple[Answered, float]],
        *,
        creates: bool,
    ) -> PublishPlan:
        pointers = [one.pointer for one in carried.objects]
        present = {oid for oid, (answer, _) in answers.items() if isinstance(answer, Present)}
        missing = [pointer for pointer in pointers if pointer.oid not in present]
        notes: tuple[Finding, ...] = (absent_finding(carried.absent),) if carried.absent else ()
        if adopted is not None:
            notes += adopted.findings
        return PublishPlan(
            repo=str(self._request.repo),
            url=self._request.repo.web_url,
            branch=self._request.revision,
            commit=head,
            move=move,
            creates_repo=creates,
            commits_folder=adopted is not None and adopted.changed,
            commits=carried.commits,
            objects=len(pointers),
            objects_bytes=sum(pointer.size for pointer in pointers),
            missing=len(missing),
            missing_bytes=sum(pointer.size for pointer in missing),
            notes=notes,
        )

    def _plan_of_folder(self) -> PublishPlan:
        """The plan of a dry run over a folder that would be committed first; raises what would stop that."""
        found = folder.plan(self._request.path)
        for finding in found.findings:
            if finding.severity == "error":
                raise Refused(finding)
        self._observer.stage("asking the Hub")
        exists = self._hub.exists()
        branch = self._branch(self._refs(None) if exists else RemoteRefs({}, None), None)
        check_free(branch, folder=True)
        large = [file.size for file in found.files if file.lfs]
        return PublishPlan(
            repo=str(self._request.repo),
            url=self._request.repo.web_url,
            branch=self._request.revision,
            commit=None,
            move=move_for(branch, ""),
            creates_repo=not exists,
            commits_folder=True,
            commits=1,
            objects=len(large),
            objects_bytes=sum(large),
            missing=len(large),
            missing_bytes=sum(large),
            notes=found.findings,
        )

    # -- doing -----------------------------------------------------------------------------------------------------

    def _send(self, uploads: list[UploadObject]) -> UploadReport:
        journals = JournalStore(self._request.state_dir)
        journals.prune()
        engine = Engine(self._lfs, journals, jobs=self._request.jobs, policy=self._policy, observer=self._observer)
        return engine.run(uploads)

    def _forget(self, objects: Sequence[LfsObject]) -> None:
        """Remove the journals of objects that the Hub has confirmed, also those that an earlier run left."""
        journals = JournalStore(self._request.state_dir)
        for one in objects:
            journals.forget(self._lfs.scope, one.pointer)

    def _push(self, repository: Repository, move: Move, refs: RemoteRefs) -> None:
        """Push with git; after a broken connection first look whether it had landed."""
        branch = self._request.revision
        replace = move == "replace-initial"

        def once() -> None:
            try:
                push(
                    repository,
                    self._remote,
                    repository.head,
                    branch,
                    expected=refs.branch(branch),
                    force_with_lease=replace,
                )
            except Unavailable:
                if ls_remote(self._remote, repository=repository).branch(branch) != repository.head:
                    raise

        self._retried(once)

    def _verify(self, repository: Repository, objects: Sequence[Pointer]) -> int:
        """Check that the Hub's branch is our commit, and that it would give each object back with our size."""
        head = repository.head
        found = self._refs(repository).branch(self._request.revision)
        if found != head:
            raise Damaged.of(
                "push-unconfirmed",
                f"The branch {self._request.revision} on the Hub is not what was published.",
                seen=(f"its head is {found or 'absent'}, ours is {head}",),
                to_try=("somebody else may have pushed just now: look at its history, then run the command again",),
            )

        def ask(chunk: Sequence[Pointer]) -> list[str]:
            answers = self._retried(lambda: self._lfs.ask_download(chunk))
            return [oid for oid, answer in answers.items() if isinstance(answer, Rejected)]

        lost = _in_batches(objects, ask)
        if lost:
            raise Damaged.of(
                "object-unconfirmed",
                f"The Hub does not have {units.count(len(lost), 'object')} that it had taken.",
                seen=tuple(lost[:20]),
                to_try=("run the same command again: it sends them once more",),
            )
        return len(objects)

    def _retried(self, step: Callable[[], T]) -> T:
        return call_with_retry(step, self._policy, sleep=time.sleep, on_wait=self._observer.waiting)


def _in_batches(objects: Sequence[Pointer], ask: Callable[[Sequence[Pointer]], list[T]]) -> list[T]:
    """What `ask` says of all the objects, asked in as many batches as it takes, a few at a time."""
    chunks = [objects[at : at + MAX_OBJECTS] for at in range(0, len(objects), MAX_OBJECTS)]
    if len(chunks) <= 1:
        return [item for chunk in chunks for item in ask(chunk)]
    pool = ThreadPoolExecutor(_ASKING_THREADS, thread_name_prefix="ask")
    try:
        return [item for items in pool.map(ask, chunks) for item in items]
    finally:
        # After a failure or ^C nobody waits for the answers that are still to come.
        pool.shutdown(wait=False, cancel_futures=True)
