"""preupload: which files go to git and which to LFS, which are to be left out, and what is there already."""

from __future__ import annotations

import asyncio
import base64
import binascii
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from hfpush.localhub.access import REPO, listed, read_json, text_field
from hfpush.localhub.appkeys import CONFIG
from hfpush.localhub.attributes import paths_in_lfs
from hfpush.localhub.errors import REVISION_NOT_FOUND, HubError
from hfpush.localhub.gitcmd import GitFailed, git
from hfpush.localhub.gittree import entries_at, pointers, resolve_revision
from hfpush.localhub.names import BadName, check_path
from hfpush.localhub.repos import Repo
from hfpush.localhub.rules import is_binary

MAX_FILES = 256
"""Files that one call may ask about."""
_ALWAYS_GIT = frozenset({".gitattributes", ".gitignore", "README.md"})


@dataclass(frozen=True)
class Asked:
    """A file that a client is about to upload: its path, its first bytes, its size."""

    path: str
    sample: bytes
    size: int


def routes() -> list[web.RouteDef]:
    """The routes of this file."""
    return [web.post(f"{REPO}/preupload/{{rev}}", preupload)]


async def preupload(request: web.Request) -> web.Response:
    """The mode of each file. As on the Hub, a caller without write access is not refused here."""
    repo = listed(request)
    body = await read_json(request)
    asked = _asked(body)
    revision = request.match_info["rev"]
    commit = await asyncio.to_thread(resolve_revision, repo.path, revision)
    if commit is None and revision != "main":
        raise HubError(404, f"Invalid rev id: {revision}", code=REVISION_NOT_FOUND)
    ignore = text_field(body, "gitIgnore", "")
    files = await asyncio.to_thread(_answers, repo, commit, asked, ignore, request.app[CONFIG].max_git_file)
    return web.json_response({"files": files}, headers={"X-Repo-Commit": commit} if commit else None)


def upload_mode(asked: Asked, *, by_attributes: bool, max_git_file: int) -> str:
    """`lfs` or `regular`. Pure.

    Empty files and git's own are regular whatever else holds; LFS is for what `.gitattributes` says, what git may not
    hold, and what is binary.
    """
    if asked.size == 0 or asked.path.rsplit("/", 1)[-1] in _ALWAYS_GIT:
        return "regular"
    return "lfs" if by_attributes or asked.size > max_git_file or is_binary(asked.sample) else "regular"


def _answers(
    repo: Repo, commit: str | None, asked: Sequence[Asked], ignore: str, max_git_file: int
) -> list[dict[str, Any]]:
    paths = [each.path for each in asked]
    by_attributes = paths_in_lfs(repo.path, paths, tree=commit)
    ignored = ignored_paths(repo, paths, ignore)
    present = entries_at(repo.path, commit, paths) if commit else {}
    lfs = pointers(repo.path, present.values())
    answers = []
    for each in asked:
        mode = upload_mode(each, by_attributes=each.path in by_attributes, max_git_file=max_git_file)
        answer: dict[str, Any] = {"path": each.path, "uploadMode": mode, "shouldIgnore": each.path in ignored}
        entry = present.get(each.path)
        if entry and entry.type == "blob":
            answer["oid"] = lfs[entry.oid].oid if entry.oid in lfs else entry.oid
        answers.append(answer)
    return answers


def ignored_paths(repo: Repo, paths: Sequence[str], ignore: str) -> set[str]:
    """Those of the paths that a `.gitignore` of that text leaves out."""
    if not ignore.strip() or not paths:
        return set()
    with tempfile.TemporaryDirectory(prefix="hub-ignore-") as tree:
        (Path(tree) / ".gitignore").write_text(ignore)
        stdin = b"".join(path.encode() + b"\0" for path in paths)
        try:
            # The repository is bare: it gets this folder as its work tree, by environment, for this one question.
            env = {"GIT_WORK_TREE": tree, "GIT_INDEX_FILE": f"{tree}/index"}
            answer = git(repo.path, "check-ignore", "--no-index", "--stdin", "-z", stdin=stdin, env=env)
        except GitFailed as failed:
            if failed.returncode == 1:
                return set()
            raise
    return set(answer.decode().split("\0")) - {""}


def _asked(body: Mapping[str, Any]) -> list[Asked]:
    files = body.get("files")
    if not isinstance(files, list):
        raise HubError(400, '"files" must be a list')
    if len(files) > MAX_FILES:
        raise HubError(413, f"At most {MAX_FILES} files per call")
    asked = []
    for file in files:
        if not isinstance(file, dict):
            raise HubError(400, '"files" must be a list of objects')
        path, sample, size = file.get("path"), file.get("sample") or "", file.get("size")
        if not isinstance(path, str) or not isinstance(sample, str) or type(size) is not int:
            raise HubError(400, "A file has a path, a size and a sample")
        try:
            asked.append(Asked(check_path(path), base64.b64decode(sample, validate=True), size))
        except BadName as bad:
            raise HubError(400, str(bad)) from bad
        except (binascii.Error, ValueError) as bad:
            raise HubError(400, "The sample is not base64") from bad
    return asked
