"""Repositories come, go, move and change their settings."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from aiohttp import web

from hfpush.localhub.access import REPO, changed, read_json, text_field, user, web_url, writing
from hfpush.localhub.appkeys import OBJECTS, REPOS
from hfpush.localhub.auth import User
from hfpush.localhub.errors import HubError
from hfpush.localhub.names import BadName, RepoKey
from hfpush.localhub.repos import RepoExists, RepoRecord


def routes() -> list[web.RouteDef]:
    """The routes of this file."""
    return [
        web.post("/api/repos/create", create),
        web.delete("/api/repos/delete", delete),
        web.post("/api/repos/move", move),
        web.put(f"{REPO}/settings", settings),
    ]


async def create(request: web.Request) -> web.Response:
    """A new repository; 409, with its `url`, for one that is there."""
    body = await read_json(request)
    me = user(request)
    key = _named(body, default_namespace=me.name)
    _check_rights(me, key)
    repos = request.app[REPOS]
    private = _private(body) or False
    url = web_url(request, key.path)
    try:
        repo = await asyncio.to_thread(repos.create, key, author=me.name, private=private)
    except RepoExists as exists:
        message = f"You already created this {key.singular} repo"
        raise HubError(409, message, extra={"url": url, "name": key.id, "id": exists.repo.record.uid}) from exists
    return web.json_response({"url": url, "name": key.id, "id": repo.record.uid})


async def delete(request: web.Request) -> web.Response:
    """The repository goes, and with it its hold on LFS objects."""
    body = await read_json(request)
    key = _named(body, default_namespace=user(request).name)
    repo = writing(request, key.type, key.id)
    await asyncio.to_thread(request.app[REPOS].delete, repo.key)
    await asyncio.to_thread(request.app[OBJECTS].forget_repo, repo.record.uid)
    return web.json_response({})


async def move(request: web.Request) -> web.Response:
    """The repository gets another id; its LFS objects go with it."""
    body = await read_json(request)
    type = text_field(body, "type", "model")
    try:
        new = RepoKey.parse(type, text_field(body, "toRepo"))
    except BadName as bad:
        raise HubError(400, str(bad)) from bad
    repo = writing(request, type, text_field(body, "fromRepo"))
    _check_rights(user(request), new)
    try:
        await asyncio.to_thread(request.app[REPOS].move, repo.key, new)
    except RepoExists as exists:
        raise HubError(409, f"A {new.singular} repository called {new.id} already exists") from exists
    return web.json_response({"url": web_url(request, new.path)})


async def settings(request: web.Request) -> web.Response:
    """`private`, `visibility` and `gated` take effect; other settings have no meaning here."""
    repo = changed(request)
    body = await read_json(request)
    private = _private(body)
    gated = body.get("gated")
    if gated not in (None, False, "auto", "manual"):
        raise HubError(400, '"gated" must be false, "auto" or "manual"')

    def change(record: RepoRecord) -> RepoRecord:
        return replace(
            record,
            private=record.private if private is None else private,
            gated=record.gated if gated is None else gated,
        )

    record = (await asyncio.to_thread(request.app[REPOS].update, repo.key, change)).record
    return web.json_response({"private": record.private, "gated": record.gated})


def _named(body: dict[str, Any], *, default_namespace: str) -> RepoKey:
    """The repository that `name`, `organization` and `type` of a body mean. Raises HubError 400."""
    name = text_field(body, "name")
    namespace = text_field(body, "organization", "") or default_namespace
    try:
        return RepoKey.parse(text_field(body, "type", "model"), name if "/" in name else f"{namespace}/{name}")
    except BadName as bad:
        raise HubError(400, str(bad)) from bad


def _check_rights(me: User, key: RepoKey) -> None:
    if me.role != "write" or not me.is_member(key.namespace):
        message = f'You don\'t have the rights to create a {key.singular} under the namespace "{key.namespace}"'
        raise HubError(403, message)


def _private(body: dict[str, Any]) -> bool | None:
    """What `visibility` (since huggingface_hub 2) or `private` (before) asks for; None if neither is there."""
    visibility, private = body.get("visibility"), body.get("private")
    if visibility is not None:
        if visibility not in ("public", "private", "protected"):
            raise HubError(400, '"visibility" must be public, private or protected')
        return bool(visibility != "public")
    if private is not None and not isinstance(private, bool):
        raise HubError(400, '"private" must be true or false')
    return private
