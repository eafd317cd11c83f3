"""Trees: the entries of a folder page by page, its size, and the entries at given paths."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web

from hfpush.localhub.access import REPO, caller, commit_of, listed, path_of, read_body, read_json
from hfpush.localhub.api_info import iso_time
from hfpush.localhub.appkeys import CONFIG
from hfpush.localhub.auth import passes_gate
from hfpush.localhub.errors import ENTRY_NOT_FOUND, HubError
from hfpush.localhub.gitcmd import git_text
from hfpush.localhub.gittree import Entry, entries_at, list_tree, pointers
from hfpush.localhub.names import BadName, check_path
from hfpush.localhub.paging import flag, next_link, number, page
from hfpush.localhub.repos import Repo

EXPANDED_PAGE = 50
"""Entries on a page that also tells the last commit of each."""
MAX_PATHS = 1000
"""Paths that one paths-info call may ask about."""


def routes() -> list[web.RouteDef]:
    """The routes of this file."""
    return [
        web.get(f"{REPO}/tree/{{rev}}{{path:(?:/.*)?}}", tree),
        web.get(f"{REPO}/treesize/{{rev}}{{path:(?:/.*)?}}", treesize),
        web.post(f"{REPO}/paths-info/{{rev}}", paths_info),
    ]


async def tree(request: web.Request) -> web.Response:
    """One page of a folder, or of everything below it (`recursive`); `Link` leads to the next page.

    The cursor holds the commit of the first page, so that a listing is of one state even if the branch moves on.
    """
    repo = listed(request)
    folder = _folder(request)
    commit, start = _cursor(request.query.get("cursor", ""))
    commit = await commit_of(repo, commit or request.match_info["rev"])
    entries = await asyncio.to_thread(list_tree, repo.path, commit, folder, recursive=flag(request, "recursive"))
    if entries is None:
        raise _no_entry(folder, commit)
    expand = flag(request, "expand")
    limit = min(request.app[CONFIG].page_size, EXPANDED_PAGE) if expand else request.app[CONFIG].page_size
    shown, after = page(entries, start=start, size=number(request, "limit", limit, at_most=limit))
    masked = not passes_gate(caller(request), repo)
    answer = await asyncio.to_thread(_described, repo, commit, shown, expand=expand, masked=masked)
    headers = {"X-Repo-Commit": commit}
    if after is not None:
        headers |= next_link(request, cursor=base64.urlsafe_b64encode(f"{commit}:{after}".encode()).decode())
    return web.json_response(answer, headers=headers)


async def treesize(request: web.Request) -> web.Response:
    """Bytes of all files below a folder, LFS objects counted by their own size."""
    repo = listed(request)
    folder = _folder(request)
    commit = await commit_of(repo, request.match_info["rev"])
    entries = await asyncio.to_thread(list_tree, repo.path, commit, folder, recursive=True)
    if entries is None:
        raise _no_entry(folder, commit)
    lfs = await asyncio.to_thread(pointers, repo.path, entries)
    size = sum(lfs[entry.oid].size if entry.oid in lfs else entry.size for entry in entries)
    return web.json_response({"path": folder or "/", "size": size})


async def paths_info(request: web.Request) -> web.Response:
    """The entries at the given paths; those that do not exist are left out. Form-encoded or JSON."""
    repo = listed(request)
    commit = await commit_of(repo, request.match_info["rev"])
    asked, expand = await _asked(request)
    if len(asked) > MAX_PATHS:
        raise HubError(413, f"Too many paths: at most {MAX_PATHS} per call")
    paths = [path for path in (each.strip("/") for each in asked) if _is_path(path)]
    found = await asyncio.to_thread(entries_at, repo.path, commit, list(dict.fromkeys(paths)))
    masked = not passes_gate(caller(request), repo)
    entries = [found[path] for path in dict.fromkeys(paths) if path in found]
    return web.json_response(
        await asyncio.to_thread(_described, repo, commit, entries, expand=expand, masked=masked),
        headers={"X-Repo-Commit": commit},
    )


async def _asked(request: web.Request) -> tuple[list[str], bool]:
    """Paths and `expand` of a paths-info body."""
    if request.content_type == "application/json":
        body = await read_json(request)
        paths = body.get("paths", [])
        paths = [paths] if isinstance(paths, str) else paths
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            raise HubError(400, '"paths" must be a list of strings')
        return paths, body.get("expand") is True
    fields = parse_qs((await read_body(request)).decode("utf-8", "replace"), keep_blank_values=True)
    return fields.get("paths", []), fields.get("expand", [""])[0].lower() in ("true", "1")


def _described(
    repo: Repo, commit: str, entries: Sequence[Entry], *, expand: bool, masked: bool
) -> list[dict[str, Any]]:
    """The entries as the API tells them. Blocking: runs git."""
    lfs = pointers(repo.path, entries)
    answer = []
    for entry in entries:
        told: dict[str, Any] = {"type": "directory" if entry.type == "tree" else "file", "oid": entry.oid}
        told |= {"size": entry.size, "path": entry.path}
        pointer = lfs.get(entry.oid)
        if pointer:
            told["size"] = pointer.size
            told["lfs"] = {"size": pointer.size, "pointerSize": entry.size}
            if not masked:
                told["lfs"]["oid"] = pointer.oid
        if expand:
            told["lastCommit"] = _last_commit(repo, commit, entry.path)
        answer.append(told)
    return answer


def _last_commit(repo: Repo, commit: str, path: str) -> dict[str, str]:
    line = git_text(repo.path, "log", "-1", "--format=%H%x00%ct%x00%s", commit, "--", f":(literal){path}")
    oid, seconds, title = line.split("\0")
    return {"id": oid, "title": title, "date": iso_time(float(seconds))}


def _cursor(text: str) -> tuple[str | None, int]:
    """Commit and position of a cursor. Raises HubError 400 for one that we never gave."""
    if not text:
        return None, 0
    try:
        commit, _, start = base64.urlsafe_b64decode(text.encode()).decode().partition(":")
        return commit, int(start)
    except (binascii.Error, ValueError) as error:
        raise HubError(400, "Invalid cursor") from error


def _folder(request: web.Request) -> str:
    folder = request.match_info["path"].strip("/")
    return path_of(folder) if folder else ""


def _is_path(text: str) -> bool:
    try:
        check_path(text)
    except BadName:
        return False
    return True


def _no_entry(folder: str, commit: str) -> HubError:
    message = f'{folder} does not exist on "{commit}"'
    return HubError(404, message, code=ENTRY_NOT_FOUND, headers={"X-Repo-Commit": commit})
