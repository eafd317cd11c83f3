"""The git-lfs locks API, kept on disk.

<root>/locks/<repository uid>.json     [{"id", "path", "locked_at", "owner": {"name"}}, …]
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from aiohttp import web

from hfpush.localhub.appkeys import CONFIG
from hfpush.localhub.lfsdoor import LfsError, answer, caller, read_json, reading, writing
from hfpush.localhub.names import BadName, check_path
from hfpush.localhub.repos import Repo
from hfpush.localhub.route import Target

Lock = dict[str, Any]
_PAGE = 100


async def locks(request: web.Request, target: Target, rest: Sequence[str]) -> web.Response:
    """Answer a call below `locks`. Raises LfsError."""
    match request.method, list(rest):
        case "GET", []:
            return _listing(request, reading(request, target))
        case "POST", []:
            return await _create(request, writing(request, target))
        case "POST", ["verify"]:
            return await _verify(request, writing(request, target))
        case "POST", [lock_id, "unlock"]:
            return await _unlock(request, writing(request, target), lock_id)
    raise LfsError(404, "Not Found")


def _listing(request: web.Request, repo: Repo) -> web.Response:
    held, query = _load(_file(request, repo)), request.query
    found = [
        lock
        for lock in held
        if query.get("path", lock["path"]) == lock["path"] and query.get("id", lock["id"]) == lock["id"]
    ]
    page, cursor = _page(found, query.get("cursor"), query.get("limit"))
    return answer({"locks": page, **cursor})


async def _create(request: web.Request, repo: Repo) -> web.Response:
    path = (await read_json(request)).get("path")
    try:
        path = check_path(path) if isinstance(path, str) else ""
    except BadName as bad:
        raise LfsError(422, str(bad)) from None
    if not path:
        raise LfsError(422, "a lock wants a path")
    file = _file(request, repo)
    held = _load(file)
    for lock in held:
        if lock["path"] == path:
            return answer({"lock": lock, "message": "already created lock"}, 409)
    now = datetime.fromtimestamp(int(request.app[CONFIG].clock()), timezone.utc)
    lock = {
        "id": secrets.token_hex(8),
        "path": path,
        "locked_at": now.isoformat().replace("+00:00", "Z"),
        "owner": {"name": _name(request)},
    }
    _save(file, [*held, lock])
    return answer({"lock": lock}, 201)


async def _verify(request: web.Request, repo: Repo) -> web.Response:
    body = await read_json(request)
    page, cursor = _page(_load(_file(request, repo)), body.get("cursor"), body.get("limit"))
    name = _name(request)
    ours = [lock for lock in page if lock["owner"]["name"] == name]
    return answer({"ours": ours, "theirs": [lock for lock in page if lock not in ours], **cursor})


async def _unlock(request: web.Request, repo: Repo, lock_id: str) -> web.Response:
    body = await read_json(request)
    file = _file(request, repo)
    held = _load(file)
    for lock in held:
        if lock["id"] == lock_id:
            if lock["owner"]["name"] != _name(request) and body.get("force") is not True:
                raise LfsError(403, f"the lock belongs to {lock['owner']['name']}; force takes it away")
            _save(file, [other for other in held if other is not lock])
            return answer({"lock": lock})
    raise LfsError(404, "there is no such lock")


def _page(held: Sequence[Lock], cursor: Any, limit: Any) -> tuple[list[Lock], dict[str, str]]:
    """The locks from `cursor` (an id) on, at most `limit`, and the answer's `next_cursor` field if there are more."""
    try:
        count = min(max(int(limit or _PAGE), 1), _PAGE)
    except (TypeError, ValueError):
        count = _PAGE
    start = next((index for index, lock in enumerate(held) if lock["id"] == cursor), 0)
    rest = held[start + count :]
    return list(held[start : start + count]), {"next_cursor": rest[0]["id"]} if rest else {}


def _name(request: web.Request) -> str:
    user = caller(request).user
    return user.name if user else ""


def _file(request: web.Request, repo: Repo) -> Path:
    return request.app[CONFIG].root / "locks" / f"{repo.record.uid}.json"


def _load(file: Path) -> list[Lock]:
    try:
        held: list[Lock] = json.loads(file.read_text())
    except FileNotFoundError:
        return []
    return held


def _save(file: Path, held: Sequence[Lock]) -> None:
    # Read, change and save happen without a pause of the event loop in between: no two calls mix.
    file.parent.mkdir(exist_ok=True)
    aside = file.with_suffix(".new")
    aside.write_text(json.dumps(held))
    aside.replace(file)
