"""The repository that an API request names, if its caller may have it; and its revisions and bodies, parsed.

What may be done is decided in auth.py; here the decision becomes a value or a HubError.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from hfpush.localhub.appkeys import AUTH, REPOS
from hfpush.localhub.auth import Identity, User, refuse_read, refuse_write
from hfpush.localhub.errors import REVISION_NOT_FOUND, HubError
from hfpush.localhub.gittree import resolve_revision
from hfpush.localhub.names import BadName, RepoKey, check_path
from hfpush.localhub.repos import Repo

MAX_JSON = 64 * 1024 * 1024

REPO = "/api/{type:models|datasets|spaces}/{id:[^/]+(?:/[^/]+)?}"
"""Start of the route of everything about one repository: ids have one or two segments."""


def caller(request: web.Request) -> Identity:
    """Who asks, by Bearer or Basic."""
    return request.app[AUTH].identify(request.headers)


def user(request: web.Request) -> User:
    """The user who asks. Raises HubError 401 for nobody."""
    identity = caller(request)
    if identity.user is None:
        raise HubError(401, "Invalid username or password." if not identity.bad_token else _BAD_TOKEN)
    return identity.user


_BAD_TOKEN = "Invalid credentials in Authorization header"


def find(request: web.Request, type: str, id: str) -> Repo | None:
    """The repository of that name, or None; also for a name that cannot be."""
    try:
        return request.app[REPOS].find(RepoKey.parse(type, id))
    except BadName:
        return None


def reading(request: web.Request, type: str, id: str, *, content: bool = True) -> Repo:
    """The repository, for a caller who may read it (`content` False: its listing). Raises HubError."""
    repo = find(request, type, id)
    denial = refuse_read(caller(request), repo, content=content)
    if denial or repo is None:
        raise HubError.of(denial) if denial else HubError(404, "Repository not found", code="RepoNotFound")
    return repo


def writing(request: web.Request, type: str, id: str) -> Repo:
    """The repository, for a caller who may change it. Raises HubError."""
    repo = find(request, type, id)
    denial = refuse_write(caller(request), repo)
    if denial or repo is None:
        raise HubError.of(denial) if denial else HubError(404, "Repository not found", code="RepoNotFound")
    return repo


def listed(request: web.Request) -> Repo:
    """The repository of a REPO route, for its listing. Raises HubError."""
    return reading(request, request.match_info["type"], request.match_info["id"], content=False)


def changed(request: web.Request) -> Repo:
    """The repository of a REPO route, for a change. Raises HubError."""
    return writing(request, request.match_info["type"], request.match_info["id"])


async def commit_of(repo: Repo, revision: str) -> str:
    """The commit a revision of the URL means. Raises HubError 404 RevisionNotFound."""
    commit = await asyncio.to_thread(resolve_revision, repo.path, revision)
    if commit is None:
        raise HubError(404, f"Invalid rev id: {_short(revision)}", code=REVISION_NOT_FOUND)
    return commit


def path_of(text: str, *, status: int = 400) -> str:
    """A checked path inside a repository. Raises HubError."""
    try:
        return check_path(text)
    except BadName as bad:
        raise HubError(status, f"Invalid path: {bad}") from bad


async def read_body(request: web.Request, limit: int = MAX_JSON) -> bytes:
    """The request's body. Raises HubError 413 above `limit` bytes."""
    body = bytearray()
    async for chunk in request.content.iter_chunked(1 << 18):
        body += chunk
        if len(body) > limit:
            raise HubError(413, "The request body is too large")
    return bytes(body)


async def read_json(request: web.Request) -> dict[str, Any]:
    """The request's body as a JSON object; no body is an empty one. Raises HubError 400."""
    body = await read_body(request)
    try:
        parsed = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError) as error:
        raise HubError(400, "The request body is not JSON") from error
    if not isinstance(parsed, dict):
        raise HubError(400, "The request body is not a JSON object")
    return parsed


def text_field(body: dict[str, Any], name: str, default: str | None = None) -> str:
    """A field that must be text; `default` stands for an absent or null one. Raises HubError 400."""
    value = body.get(name)
    value = default if value is None else value
    if not isinstance(value, str):
        raise HubError(400, f'"{name}" must be a string')
    return value


def web_url(request: web.Request, path: str) -> str:
    """The absolute URL of a path on the origin that the caller used."""
    return f"{request.url.origin()}/{path}"


def _short(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text[:200])
