"""What the git-lfs calls share: the repository and its caller, JSON in and out, refusals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from hfpush.localhub.appkeys import AUTH, REPOS
from hfpush.localhub.auth import BASIC_CHALLENGE, Denial, Identity, refuse_read, refuse_write
from hfpush.localhub.names import BadName, RepoKey
from hfpush.localhub.refusals import LFS_JSON
from hfpush.localhub.repos import Repo
from hfpush.localhub.route import Target

MAX_BODY = 16 * 1024 * 1024


class LfsError(Exception):
    """A call is refused, with `{"message": …}` and this status."""

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    @classmethod
    def of(cls, denial: Denial) -> LfsError:
        """What auth.py decided, as an error."""
        return cls(denial.status, denial.message, denial.code)

    @property
    def headers(self) -> dict[str, str]:
        """The challenges of a 401, for git-lfs and for everybody else."""
        if self.status != 401:
            return {}
        return {"LFS-Authenticate": BASIC_CHALLENGE, "WWW-Authenticate": BASIC_CHALLENGE}


def caller(request: web.Request) -> Identity:
    """Who asks."""
    return request.app[AUTH].identify(request.headers)


def find(request: web.Request, target: Target) -> Repo | None:
    """The repository that the path names, or None; also for a name that cannot be."""
    try:
        return request.app[REPOS].find(RepoKey(target.type, target.id))
    except BadName:
        return None


def reading(request: web.Request, target: Target) -> Repo:
    """The repository, for a caller who may have its contents. Raises LfsError."""
    return _allowed(find(request, target), request, write=False)


def writing(request: web.Request, target: Target) -> Repo:
    """The repository, for a caller who may change it. Raises LfsError."""
    return _allowed(find(request, target), request, write=True)


def _allowed(repo: Repo | None, request: web.Request, *, write: bool) -> Repo:
    denial = (refuse_write if write else refuse_read)(caller(request), repo)
    if denial is not None:
        raise LfsError.of(denial)
    if repo is None:
        raise LfsError(404, "Repository not found", "RepoNotFound")
    return repo


async def read_json(request: web.Request) -> dict[str, Any]:
    """The body as a JSON object; an empty body is an empty one. Raises LfsError."""
    body = bytearray()
    async for piece in request.content.iter_any():
        body += piece
        if len(body) > MAX_BODY:
            raise LfsError(413, "The request is too large; ask for fewer objects at a time")
    try:
        value = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise LfsError(400, "The body is not JSON") from None
    if not isinstance(value, dict):
        raise LfsError(400, "The body is not a JSON object")
    return value


def answer(value: Mapping[str, Any], status: int = 200) -> web.Response:
    """JSON in the content type of git-lfs."""
    return web.json_response(value, status=status, content_type=LFS_JSON)
