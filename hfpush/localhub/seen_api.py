"""`/-/seen`: what a Hub in another process saw. For callers on this machine only.

GET answers {"totals": {op: {"count", "bytes_in", "bytes_out", "seconds"}}, "under_way": …}, the second of the requests
that are not answered yet; with `?rows=1` also every row. DELETE clears.
"""

from __future__ import annotations

import ipaddress
from dataclasses import asdict

from aiohttp import web

from hfpush.localhub.appkeys import SEEN


def add_routes(app: web.Application) -> None:
    """GET and DELETE of /-/seen."""
    app.router.add_get("/-/seen", read)
    app.router.add_delete("/-/seen", clear)


async def read(request: web.Request) -> web.Response:
    """The sums, and the rows if they are asked for."""
    _local_only(request)
    seen = request.app[SEEN]
    body: dict[str, object] = {"totals": seen.totals(), "under_way": seen.under_way()}
    if request.query.get("rows"):
        body["rows"] = [asdict(row) for row in seen.rows()]
    return web.json_response(body)


async def clear(request: web.Request) -> web.Response:
    """Forget everything seen so far."""
    _local_only(request)
    request.app[SEEN].clear()
    return web.Response(status=204)


def _local_only(request: web.Request) -> None:
    try:
        local = ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        local = False
    if not local:
        raise web.HTTPForbidden(text="for callers on this machine only\n")
