"""Paths outside /api: one route, split by `route.parse`, handed to the door it names.

A door is `async handle(request, target) -> StreamResponse`. git_http.py and lfs.py are doors for git and git-lfs,
resolve.py for file contents, pages.py for people with a browser.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

import hfpush.localhub.git_http as git_http
import hfpush.localhub.lfs as lfs
import hfpush.localhub.pages as pages
import hfpush.localhub.resolve as resolve
from hfpush.localhub.route import Kind, Target, parse

Door = Callable[[web.Request, Target], Awaitable[web.StreamResponse]]

DOORS: dict[Kind, Door] = {
    "git": git_http.handle,
    "lfs": lfs.handle,
    "resolve": resolve.handle,
    "raw": resolve.handle,
    "page": pages.handle,
    "tree": pages.handle,
    "blob": pages.handle,
    "commit": pages.handle,
}


def add_routes(app: web.Application) -> None:
    """The front page at /, and every repository path. Add it after all others: it takes what is left."""
    app.router.add_get("/", pages.index)
    app.router.add_route("*", "/{anything:.*}", dispatch)


async def dispatch(request: web.Request) -> web.StreamResponse:
    """Hand a request to the door that its path names; 404 if it names none."""
    target = parse(request.rel_url.raw_path)
    if target is None:
        raise web.HTTPNotFound(text="Not Found\n")
    return await DOORS[target.kind](request, target)
