"""A few plain pages, so that a person can look into the Hub with a browser. Nothing can be changed there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from html import escape
from urllib.parse import quote

from aiohttp import web

from hfpush.localhub.access import caller, commit_of, path_of, reading
from hfpush.localhub.appkeys import REPOS
from hfpush.localhub.auth import may_read
from hfpush.localhub.errors import ENTRY_NOT_FOUND, HubError
from hfpush.localhub.gittree import Entry, list_tree, pointers
from hfpush.localhub.repos import Repo
from hfpush.localhub.route import Target

MAX_ROWS = 1000
"""Rows of one page; more are counted, not shown."""


async def index(request: web.Request) -> web.Response:
    """The repositories that the caller may know of."""
    identity = caller(request)
    repos = await asyncio.to_thread(lambda: list(request.app[REPOS].list()))
    rows = [
        (f"/{quote(repo.key.path)}", repo.key.path, "private" if repo.record.private else "")
        for repo in repos
        if may_read(identity, repo)
    ]
    return _html("Local Hub", _table(rows))


async def handle(request: web.Request, target: Target) -> web.StreamResponse:
    """The files of a repository, of a folder of it, or (for a file or a commit) the way to them."""
    if request.method not in ("GET", "HEAD"):
        raise web.HTTPMethodNotAllowed(request.method, ["GET", "HEAD"])
    repo = reading(request, target.type, target.id, content=False)
    revision = target.rev or "main"
    if target.kind == "blob":
        raise web.HTTPFound(f"/{quote(repo.key.path)}/resolve/{quote(revision, safe='')}/{quote(target.path)}")
    folder = path_of(target.path, status=404) if target.path and target.kind == "tree" else ""
    commit = await commit_of(repo, revision)
    entries = await asyncio.to_thread(list_tree, repo.path, commit, folder)
    if entries is None:
        raise HubError(404, "Entry not found", code=ENTRY_NOT_FOUND)
    lfs = await asyncio.to_thread(pointers, repo.path, entries)
    sizes = {oid: pointer.size for oid, pointer in lfs.items()}
    rows = [_row(repo, revision, entry, sizes) for entry in entries]
    title = f"{repo.key.path} at {revision}" + (f": {folder}" if folder else "")
    return _html(title, _table(rows) + f'<p>Commit {commit}. <a href="/">All repositories</a></p>')


def _row(repo: Repo, revision: str, entry: Entry, sizes: dict[str, int]) -> tuple[str, str, str]:
    door = "tree" if entry.type == "tree" else "resolve"
    href = f"/{quote(repo.key.path)}/{door}/{quote(revision, safe='')}/{quote(entry.path)}"
    name = entry.path.rsplit("/", 1)[-1]
    if entry.type == "tree":
        return href, f"{name}/", ""
    return href, name, f"{sizes.get(entry.oid, entry.size):,}" + (" (LFS)" if entry.oid in sizes else "")


def _table(rows: Iterable[tuple[str, str, str]]) -> str:
    all_rows = list(rows)
    lines = [
        f'<tr><td><a href="{escape(href)}">{escape(name)}</a></td><td class="n">{escape(note)}</td></tr>'
        for href, name, note in all_rows[:MAX_ROWS]
    ]
    more = f"<p>… and {len(all_rows) - MAX_ROWS} more</p>" if len(all_rows) > MAX_ROWS else ""
    return "<table>" + "\n".join(lines) + f"</table>{more}" if lines else "<p>Nothing here yet.</p>"


def _html(title: str, body: str) -> web.Response:
    style = "body{font:16px sans-serif;margin:2em}td{padding:.15em 1em .15em 0}.n{text-align:right}"
    text = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title><style>{style}</style>"
        f"<h1>{escape(title)}</h1>{body}</html>\n"
    )
    security = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return web.Response(text=text, content_type="text/html", headers=security)
