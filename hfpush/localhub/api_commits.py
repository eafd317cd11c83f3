"""The history of a revision page by page, and a branch squashed into one commit."""

from __future__ import annotations

import asyncio
from html import escape
from typing import Any

from aiohttp import web

from hfpush.localhub.access import REPO, changed, commit_of, listed, read_json, text_field, user
from hfpush.localhub.api_info import iso_time
from hfpush.localhub.appkeys import CONFIG
from hfpush.localhub.errors import REVISION_NOT_FOUND, HubError
from hfpush.localhub.gitcmd import git_text
from hfpush.localhub.gitcommit import RefMoved, commit_tree, update_ref
from hfpush.localhub.gittree import resolve_revision
from hfpush.localhub.paging import next_link, number
from hfpush.localhub.repos import Repo

_FIELDS = "%H%x00%an%x00%ct%x00%s%x00%b%x00"


def routes() -> list[web.RouteDef]:
    """The routes of this file."""
    return [
        web.get(f"{REPO}/commits/{{rev}}", commits),
        web.post(f"{REPO}/super-squash/{{branch}}", super_squash),
    ]


async def commits(request: web.Request) -> web.Response:
    """Page `p` (from 0) of the history, newest first; `expand[]=formatted` adds HTML."""
    repo = listed(request)
    commit = await commit_of(repo, request.match_info["rev"])
    number_of_page = number(request, "p", 0, at_most=10**6)
    page_size = request.app[CONFIG].page_size
    size = number(request, "limit", min(50, page_size), at_most=page_size) or 1
    formatted = "formatted" in request.query.getall("expand[]", []) + request.query.getall("expand", [])
    found = await asyncio.to_thread(_history, repo, commit, number_of_page * size, size + 1, formatted)
    headers = next_link(request, p=str(number_of_page + 1)) if len(found) > size else None
    return web.json_response(found[:size], headers=headers)


async def super_squash(request: web.Request) -> web.Response:
    """The branch becomes one commit without parents, with the files it had."""
    repo = changed(request)
    branch, me = request.match_info["branch"], user(request).name
    message = text_field(await read_json(request), "message", "") or f"Super-squash branch '{branch}'"
    ref = f"refs/heads/{branch}"
    head = await asyncio.to_thread(resolve_revision, repo.path, ref)
    if head is None:
        raise HubError(404, f"Invalid rev id: {branch}", code=REVISION_NOT_FOUND)
    when = request.app[CONFIG].clock()
    new = await asyncio.to_thread(commit_tree, repo.path, f"{head}^{{tree}}", message=message, author=me, when=when)
    try:
        await asyncio.to_thread(update_ref, repo.path, ref, new, old=head)
    except RefMoved as moved:
        raise HubError(412, "A commit has happened since. Please refresh and try again.") from moved
    return web.json_response({})


def _history(repo: Repo, commit: str, skip: int, count: int, formatted: bool) -> list[dict[str, Any]]:
    text = git_text(repo.path, "log", f"--skip={skip}", f"--max-count={count}", f"--format={_FIELDS}", commit)
    fields = text.split("\0")
    rows = zip(*(fields[index::5] for index in range(5)), strict=False)
    return [_told(oid, author, seconds, title, body, formatted) for oid, author, seconds, title, body in rows]


def _told(oid: str, author: str, seconds: str, title: str, body: str, formatted: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"id": oid.strip(), "title": title, "message": body.strip()}
    told |= {"authors": [{"user": author, "avatar": ""}], "date": iso_time(float(seconds))}
    if formatted:
        told["formatted"] = {"title": escape(title), "message": escape(body.strip())}
    return told
