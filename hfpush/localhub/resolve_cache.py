"""Small files of public repositories, where resolve redirects to: of one commit, the same for ever.

/api/resolve-cache/models/acme/model/<commit>/folder%2Fconfig.json?<the path that was asked for>=&etag=…
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from aiohttp import web

from hfpush.localhub import resolve
from hfpush.localhub.route import Target

_PATH = re.compile(r"/api/resolve-cache/(models|datasets|spaces)/([^/]+(?:/[^/]+)?)/([0-9a-f]{40})/(.+)")


def add_routes(app: web.Application) -> None:
    """GET and HEAD below /api/resolve-cache."""
    app.router.add_get("/api/resolve-cache/{rest:.*}", handle)


async def handle(request: web.Request) -> web.StreamResponse:
    """The file itself, never a redirect."""
    found = _PATH.fullmatch(request.rel_url.raw_path)
    if found is None:
        raise web.HTTPNotFound
    target = Target("resolve", found[1], unquote(found[2]), found[3], unquote(found[4]))
    return await resolve.answer(request, target, from_cache=True)
