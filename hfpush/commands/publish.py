"""Publish a repository or a folder: what is missing at the Hub goes there, the refs follow, and the result is checked.

The order makes it safe to be killed anywhere: objects first (journaled, so a rerun goes on), then the refs by git
itself, then the Hub's own word that everything is there. Nobody's commit is ever overwritten.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from hfpush.commands.branch import Move, RemoteBranch, check_free, move_for
from hfpush.commands.config_check import check_config
from hfpush.commands.gate import Admitted, admit
from hfpush.commands.git_side import GitSide, git_side
from hfpush.commands.publish_report import PublishObserver, PublishPlan, PublishReport, PublishRequest
from hfpush.commands.sending import NOT_ASKED, Answers, Sending
from hfpush.disk.lock import hold
from hfpush.errors import Damaged, Refused
from hfpush.findings import Finding
from hfpush.hub.api import HubApi
from hfpush.net.http import Http
from hfpush.net.retry import RetryPolicy
from hfpush.net.watchdog import watched
from hfpush.repo import folder
from hfpush.repo.hash_cache import HashCache, place_key
from hfpush.repo.history import outgoing
from hfpush.repo.remote import RemoteRefs, branch_ref
from hfpush.repo.repository import Repository, existing_folder, kind_of
from hfpush.transfer.lfs_api import LfsApi

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
            stack.enter_context(hold(request.state_dir / "locks" / f"{place_key(name)}.lock", what))
        request = replace(request, network=stack.enter_context(watched(request.network, observer.news)))
        http = stack.enter_context(
            Http(
                request.repo.endpoint,
                request.token,
                network=request.network,
                connections=request.jobs,
            )
        )
        policy = RetryPolicy(attempts=request.attempts)
        git = stack.enter_context(git_side(http, request, observer, policy))
        return _Publish(request, observer, http, policy, git).run(began)


class _Publish:
    def __init__(
        self, request: PublishRequest, observer: PublishObserver, http: Http, policy: RetryPolicy, git: GitSide
    ) -> None:
        self._request = request
        self._git = git
        self._observer = observer
        self._notes: tuple[Finding, ...] = ()
        self._hub = HubApi(http, request.repo, policy=policy, sleep=time.sleep, on_wait=observer.waiting)
        self._hashes = HashCache.of(request.state_dir, existing_folder(request.path))
        lfs = LfsApi(http, request.repo, request.revision)
        self._sending = Sending(
            lfs, self._hashes, request.state_dir, observer, jobs=request.jobs, attempts=request.attempts
        )

    def run(self, began: float) -> PublishReport:
        dry_run, is_folder = self._request.dry_run, kind_of(self._request.path) == "folder"
        repository = None if is_folder else Repository.open(self._request.path)
        self._notes = check_config(self._request, repository)
        if is_folder and dry_run:
            plan = self._plan_of_folder()
            self._observer.planned(plan)
            return PublishReport(plan, seconds=time.monotonic() - began)
        self._observer.stage("asking the Hub")
        exists = self._hub.exists()
        refs = self._git.refs(repository) if exists else RemoteRefs({}, None)
        admitted, adopted = self._admitted(repository, refs, exists)
        repository, commit, objects = admitted.repository, admitted.commit, admitted.carried.objects
        if not exists and not dry_run:
            self._sending.contents(repository, objects)  # what stops a publish stops it before anything is made
            self._hub.create(private=self._request.private)
            refs = self._git.refs(repository)
        branch = self._branch(refs, repository, commit)
        check_free(branch, folder=is_folder)
        move = move_for(branch, commit)
        answers = self._sending.ask(objects) if exists or not dry_run else NOT_ASKED
        plan = self._plan(admitted, adopted, move, answers, creates=not exists)
        uploads = self._sending.uploads(repository, objects, answers)
        self._observer.planned(plan)
        if dry_run:
            return PublishReport(plan, seconds=time.monotonic() - began)
        upload = self._sending.send(uploads)
        if move != "nothing":
            self._observer.stage("pushing the commits")
            self._git.push(
                repository,
                commit,
                self._request.revision,
                expected=refs.branch(self._request.revision),
                replace=move == "replace-initial",
            )
        self._observer.stage("checking what the Hub has now")
        self._check_branch(repository, commit)
        verified = self._sending.confirm(objects)
        self._sending.forget(objects)
        return PublishReport(plan, upload, move != "nothing", verified, time.monotonic() - began)

    # -- looking ---------------------------------------------------------------------------------------------------

    def _admitted(
        self, repository: Repository | None, refs: RemoteRefs, exists: bool
    ) -> tuple[Admitted, folder.Adopted | None]:
        """What is to be published, once it is known that the Hub would take it; and what the folder became, if it is
        one. Raises Refused for what it would not take, and for a branch that is not free."""
        if repository is None:
            branch = self._branch(refs, None, None)
            check_free(branch, folder=True)
            adopted = self._adopt(branch)
            repository = Repository.open(self._request.path)
            carried = outgoing(repository, repository.head, refs.commits)
            return Admitted(repository, repository.head, carried), adopted
        if self._request.mend == "fix":  # nothing here is changed for a branch that then turns out not to be free
            check_free(self._branch(refs, repository, repository.head), folder=False)
        ask = partial(self._hub.upload_modes, self._revision_at_hub(refs)) if exists else None
        return admit(repository, self._request, refs.commits, self._observer, ask), None

    def _revision_at_hub(self, refs: RemoteRefs) -> str:
        name = self._request.revision
        return name if refs.branch(name) else refs.default_branch or "main"

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

    def _branch(self, refs: RemoteRefs, repository: Repository | None, commit: str | None) -> RemoteBranch:
        """The Hub's branch, seen from the commit to be published, or from the folder where there is none yet."""
        name = self._request.revision
        head = refs.branch(name)
        if head is None:
            return RemoteBranch(name, None)
        if repository is None or commit is None:
            ours = folder.holds(self._request.path, head)
        else:
            ours = repository.is_ancestor(head, commit)
        return RemoteBranch(name, head, ours, not ours and self._only_initial(head))

    def _only_initial(self, head: str) -> bool:
        """Whether the Hub's branch holds nothing but the commit that it made itself when the repository was created."""
        if self._hub.commit_titles(head) != ["initial commit"]:
            return False
        return all(file.path in _HUBS_OWN_FILES for file in self._hub.files(head))

    def _plan(
        self, admitted: Admitted, adopted: folder.Adopted | None, move: Move, answers: Answers, *, creates: bool
    ) -> PublishPlan:
        pointers = [one.pointer for one in admitted.carried.objects]
        missing = [pointer for pointer in pointers if answers.lacks(pointer)]
        return PublishPlan(
            repo=str(self._request.repo),
            url=self._request.repo.web_url,
            branch=self._request.revision,
            commit=admitted.commit,
            move=move,
            creates_repo=creates,
            commits_folder=adopted is not None and adopted.changed,
            commits=admitted.carried.commits,
            objects=len(pointers),
            objects_bytes=sum(pointer.size for pointer in pointers),
            missing=len(missing),
            missing_bytes=sum(pointer.size for pointer in missing),
            notes=(*self._notes, *(admitted.notes if adopted is None else adopted.findings)),
            mended=admitted.mended,
        )

    def _plan_of_folder(self) -> PublishPlan:
        """The plan of a dry run over a folder that would be committed first; raises what would stop that."""
        found = folder.plan(self._request.path)
        for finding in found.findings:
            if finding.severity == "error":
                raise Refused(finding)
        self._observer.stage("asking the Hub")
        exists = self._hub.exists()
        branch = self._branch(self._git.refs(None) if exists else RemoteRefs({}, None), None, None)
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
            notes=(*self._notes, *found.findings),
        )

    # -- doing -----------------------------------------------------------------------------------------------------

    def _check_branch(self, repository: Repository, head: str) -> None:
        """Check that the Hub's branch is our commit."""
        found = self._git.refs(repository).branch(self._request.revision)
        if found != head:
            raise Damaged.of(
                "push-unconfirmed",
                f"The branch {self._request.revision} on the Hub is not what was published.",
                seen=(f"its head is {found or 'absent'}, ours is {head}",),
                to_try=("somebody else may have pushed just now: look at its history, then run the command again",),
            )
