"""whoami, and auth-check of one repository."""

from __future__ import annotations

from aiohttp import web

from hfpush.localhub.access import REPO, caller, changed, reading, user
from hfpush.localhub.auth import EVERY_NAMESPACE
from hfpush.localhub.errors import HubError


def routes() -> list[web.RouteDef]:
    """The routes of this file."""
    return [
        web.get("/api/whoami-v2", whoami),
        web.get(f"{REPO}/auth-check", auth_check),
        web.get(f"{REPO}/auth-check/write", auth_check_write),
    ]


async def whoami(request: web.Request) -> web.Response:
    """The caller's account and what the token may do."""
    if caller(request).bad_token:
        raise HubError(401, "Invalid username or password.")
    me = user(request)
    orgs = [
        {"type": "org", "id": org, "name": org, "fullname": org, "isEnterprise": False, "roleInOrg": me.role}
        for org in me.orgs
        if org != EVERY_NAMESPACE
    ]
    token = {"displayName": "local", "role": me.role, "createdAt": "2024-01-01T00:00:00.000Z"}
    return web.json_response(
        {
            "type": "user",
            "id": me.name,
            "name": me.name,
            "fullname": me.name,
            "email": f"{me.name}@users.noreply.localhub",
            "emailVerified": True,
            "canPay": False,
            "isPro": False,
            "periodEnd": None,
            "avatarUrl": "",
            "orgs": orgs,
            "auth": {"type": "access_token", "accessToken": token},
        }
    )


async def auth_check(request: web.Request) -> web.Response:
    """200 if the caller may read the contents of the repository."""
    reading(request, request.match_info["type"], request.match_info["id"])
    return web.Response(text="OK")


async def auth_check_write(request: web.Request) -> web.Response:
    """200 if the caller may change the repository."""
    changed(request)
    return web.Response(text="OK")
