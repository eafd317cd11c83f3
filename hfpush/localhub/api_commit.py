"""commit: files, LFS files and deletions become one commit on a branch, or nothing happens at all."""

from __future__ import annotations

import asyncio
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from hfpush.localhub.access import REPO, changed, user, web_url
from hfpush.localhub.appkeys import CONFIG, OBJECTS, REPOS
from hfpush.localhub.attributes import literal_line, paths_in_lfs
from hfpush.localhub.commitbody import BadCommit, CommitBody, Delete, PutFile, PutLfs, parse_body
from hfpush.localhub.errors import ENTRY_NOT_FOUND, REVISION_NOT_FOUND, HubError
from hfpush.localhub.gitcommit import NO_COMMIT, Change, RefMoved, commit_tree, update_ref, write_tree
from hfpush.localhub.gittree import blob, entries_at, entry_at, list_tree, resolve_revision
from hfpush.localhub.names import BadName, check_ref_name
from hfpush.localhub.objects import ObjectStore
from hfpush.localhub.paging import flag
from hfpush.localhub.pointer import MAX_POINTER_SIZE, Pointer, parse_pointer
from hfpush.localhub.repos import Repo
from hfpush.localhub.rival import somebody_else_commits
from hfpush.localhub.rules import BINARY_WINDOW, MAX_GIT_FILE, Blob, offence, refusal
from hfpush.localhub.shaping import received, take

MAX_BODY = 2 * 1024**3
"""Bytes of one commit body; the Hub's client stops at 1 GB of content."""
ATTEMPTS = 20
"""How often a commit that names no parent is tried again when another writer was faster."""
MOVED = "A commit has happened since. Please refresh and try again."


@dataclass(frozen=True)
class _Job:
    """What one call asks of one repository. `ref` is the branch it starts from."""

    repo: Repo
    objects: ObjectStore
    ref: str
    body: CommitBody
    author: str
    when: float
    max_git_file: int = MAX_GIT_FILE
    as_pull_request: bool = False


def routes() -> list[web.RouteDef]:
    """The routes of this file."""
    return [web.post(f"{REPO}/commit/{{rev}}", commit)]


async def commit(request: web.Request) -> web.Response:
    """The new commit's id and URL. 412 if `parentCommit` is not the head; 400 for what the rules refuse."""
    repo = changed(request)
    me, config = user(request).name, request.app[CONFIG]
    ref = _branch(request.match_info["rev"])
    aside = request.app[REPOS].aside / f"commit-{uuid.uuid4().hex}"
    aside.mkdir()
    try:
        body = await _read(request, aside)
        if take(request, "race"):
            await asyncio.to_thread(somebody_else_commits, repo, ref, when=config.clock())
        job = _Job(
            repo=repo,
            objects=request.app[OBJECTS],
            ref=ref,
            body=body,
            author=me,
            when=config.clock(),
            max_git_file=config.max_git_file,
            as_pull_request=flag(request, "create_pr"),
        )
        oid, target = await asyncio.to_thread(_commit, job)
    finally:
        await asyncio.to_thread(shutil.rmtree, aside, ignore_errors=True)
    answer = {"success": True, "commitOid": oid, "hookOutput": ""}
    answer["commitUrl"] = web_url(request, f"{repo.key.path}/commit/{oid}")
    if target != ref:
        number = target.rpartition("/")[2]
        answer["pullRequestUrl"] = web_url(request, f"{repo.key.path}/discussions/{number}")
    return web.json_response(answer)


async def _read(request: web.Request, aside: Path) -> CommitBody:
    spool, size = aside / "body", 0
    with spool.open("wb") as file:
        async for chunk in received(request, None):
            size += len(chunk)
            if size > MAX_BODY:
                raise HubError(413, "The commit is too large")
            file.write(chunk)
    try:
        return await asyncio.to_thread(parse_body, spool, aside)
    except (BadCommit, BadName) as bad:
        raise HubError(400, str(bad)) from bad


def _branch(revision: str) -> str:
    try:
        check_ref_name(revision)
    except BadName as bad:
        raise HubError(404, "Invalid rev id", code=REVISION_NOT_FOUND) from bad
    if revision.startswith(("refs/heads/", "refs/pr/")):
        return revision
    return f"refs/heads/{revision}"


def _commit(job: _Job) -> tuple[str, str]:
    """The new commit and the ref that has it now. Raises HubError; nothing has changed then."""
    for _ in range(ATTEMPTS):
        head = resolve_revision(job.repo.path, job.ref)
        if head is None and not _is_first(job):
            raise HubError(404, f"Invalid rev id: {job.ref}", code=REVISION_NOT_FOUND)
        if job.body.parent and not (head or "").startswith(job.body.parent):
            raise HubError(412, MOVED)
        tree = _tree(job, head)
        parents = [head] if head else []
        oid = commit_tree(
            job.repo.path, tree, message=job.body.message, author=job.author, when=job.when, parents=parents
        )
        try:
            if job.as_pull_request:
                target = _next_pull_request(job.repo)
                update_ref(job.repo.path, target, oid, old=NO_COMMIT)
            else:
                target = job.ref
                update_ref(job.repo.path, target, oid, old=head or NO_COMMIT)
        except RefMoved:
            if job.body.parent:
                break
            continue
        return oid, target
    raise HubError(412, MOVED)


def _is_first(job: _Job) -> bool:
    """Whether the repository has no branch at all yet, so that a commit may start one."""
    return not any((job.repo.path / "refs" / "heads").iterdir()) and not (job.repo.path / "packed-refs").exists()


def _next_pull_request(repo: Repo) -> str:
    folder = repo.path / "refs" / "pr"
    numbers = [int(path.name) for path in folder.glob("*") if path.name.isdigit()]
    return f"refs/pr/{max(numbers, default=0) + 1}"


def _tree(job: _Job, head: str | None) -> str:
    """The tree of the new commit: the operations, and `.gitattributes` lines for LFS files that need them."""
    changes = [*_removals(job, head), *_files(job), *_pointers(job)]
    tree = write_tree(job.repo.path, changes, base=head)
    wanted = [operation.path for operation in job.body.operations if isinstance(operation, PutLfs)]
    covered = paths_in_lfs(job.repo.path, wanted, tree=tree)
    missing = [path for path in dict.fromkeys(wanted) if path not in covered]
    if not missing:
        return tree
    present = entry_at(job.repo.path, tree, ".gitattributes")
    text = blob(job.repo.path, present.oid) if present else b""
    text += b"" if text.endswith(b"\n") or not text else b"\n"
    text += "".join(map(literal_line, missing)).encode()
    return write_tree(job.repo.path, [Change(".gitattributes", text)], base=tree)


def _removals(job: _Job, head: str | None) -> list[Change]:
    deletes = [operation for operation in job.body.operations if isinstance(operation, Delete)]
    present = entries_at(job.repo.path, head, [delete.path for delete in deletes]) if head else {}
    changes = []
    for delete in deletes:
        entry = present.get(delete.path)
        if entry is None or (entry.type == "tree") != delete.folder:
            raise HubError(404, "A file with this name doesn't exist", code=ENTRY_NOT_FOUND)
        inside = list_tree(job.repo.path, head or "", delete.path, recursive=True) if delete.folder else [entry]
        changes += [Change(each.path, None) for each in inside or [] if each.type != "tree"]
    return changes


def _files(job: _Job) -> list[Change]:
    """The files of git, if the rules take them. Raises HubError 400 with the text that a push would show."""
    offences = []
    changes = []
    for operation in job.body.operations:
        if not isinstance(operation, PutFile):
            continue
        with operation.content.open("rb") as file:
            start = file.read(BINARY_WINDOW)
        pointer = parse_pointer(start) if operation.size < MAX_POINTER_SIZE else None
        stored = pointer is None or job.objects.has(job.repo.record.uid, pointer.oid)
        described = Blob(operation.path, operation.size, start, job.ref, pointer, stored)
        wrong = offence(described, max_git_file=job.max_git_file)
        if wrong:
            offences.append(wrong)
        changes.append(Change(operation.path, operation.content))
    text = refusal(offences, max_git_file=job.max_git_file)
    if text:
        raise HubError(400, text)
    return changes


def _pointers(job: _Job) -> list[Change]:
    """The pointers of the LFS files, if their objects are here. Raises HubError 400."""
    changes = []
    for operation in job.body.operations:
        if not isinstance(operation, PutLfs):
            continue
        size = job.objects.size(operation.oid)
        if size is None or not job.objects.has(job.repo.record.uid, operation.oid):
            raise HubError(400, f"LFS pointer pointed to a file that does not exist. Path: {operation.path}")
        if operation.size not in (None, size):
            raise HubError(400, f"{operation.path}: the stored object has {size} bytes, not {operation.size}")
        changes.append(Change(operation.path, bytes(Pointer(operation.oid, size))))
    return changes
