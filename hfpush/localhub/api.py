"""All routes below /api that are REST: the complete list, in one place."""

from __future__ import annotations

from aiohttp import web

from hfpush.localhub import (
    api_commit,
    api_commits,
    api_info,
    api_preupload,
    api_refs,
    api_repos,
    api_tree,
    api_whoami,
    api_yaml,
)
from hfpush.localhub.access import REPO
from hfpush.localhub.errors import HubError, add_request_id


def add_routes(app: web.Application) -> None:
    """Adds them, and the request id on every answer of the app. errors.middleware has to be among its middlewares."""
    for part in (
        api_whoami,
        api_repos,
        api_yaml,
        api_tree,
        api_refs,
        api_commits,
        api_preupload,
        api_commit,
        api_info,
    ):
        app.router.add_routes(part.routes())
    app.router.add_routes(_not_here())
    app.on_response_prepare.append(add_request_id)


def _not_here() -> list[web.RouteDef]:
    """What clients may ask for and this Hub does not have: 501 says so, where a 404 would mean a wrong name."""

    async def refuse(request: web.Request) -> web.Response:
        raise HubError(501, f"This Hub has no {request.path.rsplit('/', 1)[-1]}")

    return [
        web.post(f"{REPO}/{{what:discussions|duplicate}}", refuse),
        web.get(f"{REPO}/{{what:discussions|xet-read-token|xet-write-token}}{{rest:(?:/.*)?}}", refuse),
    ]
