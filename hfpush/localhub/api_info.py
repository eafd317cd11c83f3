"""What the Hub tells about a repository as a whole, and the list of them."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from aiohttp import web

from hfpush.localhub.access import REPO, caller, commit_of, listed
from hfpush.localhub.appkeys import CONFIG, REPOS
from hfpush.localhub.auth import may_read, passes_gate
from hfpush.localhub.frontmatter import BadFrontMatter, front_matter
from hfpush.localhub.gitcmd import git_text
from hfpush.localhub.gittree import Entry, blob, list_tree, pointers, resolve_revision
from hfpush.localhub.paging import flag, next_link, number, page
from hfpush.localhub.pointer import Pointer
from hfpush.localhub.repos import Repo

_ALWAYS = ("_id", "id")


def routes() -> list[web.RouteDef]:
    """The routes of this file."""
    return [
        web.get("/api/{type:models|datasets|spaces}", listing),
        web.get(REPO, info),
        web.get(f"{REPO}/revision/{{rev}}", info),
    ]


async def listing(request: web.Request) -> web.Response:
    """The repositories of one type that the caller may know of; `author`, `search`, `limit` narrow it down."""
    identity = caller(request)
    author, search = request.query.get("author"), request.query.get("search", "").lower()
    found = [
        repo
        for repo in await asyncio.to_thread(lambda: list(request.app[REPOS].list(request.match_info["type"])))
        if may_read(identity, repo) and author in (None, "", repo.key.namespace) and search in repo.key.id.lower()
    ]
    start = number(request, "cursor", 0, at_most=len(found))
    size = number(request, "limit", request.app[CONFIG].page_size, at_most=request.app[CONFIG].page_size)
    shown, after = page(found, start=start, size=size)
    headers = next_link(request, cursor=str(after)) if after else None
    return web.json_response([_facts(repo) for repo in shown], headers=headers)


async def info(request: web.Request) -> web.Response:
    """One repository at one revision (`main` unless told): who, when, which files; `expand` picks fields."""
    repo = listed(request)
    revision = request.match_info.get("rev")
    if revision is None:
        commit = await asyncio.to_thread(resolve_revision, repo.path, "main")
    else:
        commit = await commit_of(repo, revision)
    masked = not passes_gate(caller(request), repo)
    answer = await asyncio.to_thread(describe, repo, commit, with_blobs=flag(request, "blobs"), masked=masked)
    expand = [name for key in ("expand", "expand[]") for name in request.query.getall(key, [])]
    if expand:
        answer = {name: value for name, value in answer.items() if name in (*_ALWAYS, *expand)}
    return web.json_response(answer, headers={"X-Repo-Commit": commit} if commit else None)


def describe(repo: Repo, commit: str | None, *, with_blobs: bool, masked: bool) -> dict[str, Any]:
    """Everything about a repository at a commit (None: it is empty). Blocking: runs git."""
    entries = list_tree(repo.path, commit, recursive=True) or [] if commit else []
    files = [entry for entry in entries if entry.type == "blob"]
    lfs = pointers(repo.path, files) if with_blobs else {}
    card = _card(repo, files)
    answer = _facts(repo) | {
        "sha": commit,
        "lastModified": iso_time(_commit_time(repo, commit) if commit else repo.record.created_at),
        "tags": [tag for tag in card.get("tags") or [] if isinstance(tag, str)] if card else [],
        "siblings": [_sibling(entry, lfs.get(entry.oid), with_blobs, masked) for entry in files],
        "usedStorage": sum(entry.size for entry in files),
    }
    if card:
        answer["cardData"] = card
    if repo.key.type == "models":
        answer |= {"modelId": repo.key.id, "pipeline_tag": card.get("pipeline_tag")}
        answer["library_name"] = card.get("library_name")
    return answer


def iso_time(seconds: float) -> str:
    """A time as the Hub writes it: UTC with milliseconds (`2026-01-02T03:04:05.000Z`)."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds * 1000) % 1000:03d}Z"


def _facts(repo: Repo) -> dict[str, Any]:
    record = repo.record
    return {
        "_id": record.uid,
        "id": repo.key.id,
        "author": repo.key.namespace,
        "private": record.private,
        "gated": record.gated,
        "disabled": record.disabled,
        "createdAt": iso_time(record.created_at),
        "downloads": 0,
        "likes": 0,
        "tags": [],
    }


def _sibling(entry: Entry, pointer: Pointer | None, with_blobs: bool, masked: bool) -> dict[str, Any]:
    if not with_blobs:
        return {"rfilename": entry.path}
    sibling: dict[str, Any] = {"rfilename": entry.path, "size": pointer.size if pointer else entry.size}
    sibling["blobId"] = entry.oid
    if pointer:
        sibling["lfs"] = {"size": pointer.size, "pointerSize": entry.size}
        if not masked:
            sibling["lfs"]["sha256"] = pointer.oid
    return sibling


def _card(repo: Repo, files: list[Entry]) -> dict[str, Any]:
    """The metadata of README.md, made fit for JSON; empty if there is none or it cannot be read."""
    readme = next((entry for entry in files if entry.path == "README.md"), None)
    if readme is None:
        return {}
    try:
        fields = front_matter(blob(repo.path, readme.oid).decode("utf-8", "replace"))
    except BadFrontMatter:
        return {}
    return {str(name): _plain(value) for name, value in fields.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)


def _commit_time(repo: Repo, commit: str) -> float:
    return float(git_text(repo.path, "show", "--no-patch", "--format=%ct", commit))
