"""Branches and tags: listed, made, removed."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from hfpush.localhub.access import REPO, changed, commit_of, listed, read_json, text_field
from hfpush.localhub.errors import REVISION_NOT_FOUND, HubError
from hfpush.localhub.gitcmd import git_text
from hfpush.localhub.gitcommit import NO_COMMIT, RefMoved, update_ref
from hfpush.localhub.names import BadName, check_ref_name
from hfpush.localhub.paging import flag
from hfpush.localhub.repos import Repo

DEFAULT_BRANCH = "main"


def routes() -> list[web.RouteDef]:
    """The routes of this file."""
    return [
        web.get(f"{REPO}/refs", refs),
        web.post(f"{REPO}/branch/{{name}}", create_branch),
        web.delete(f"{REPO}/branch/{{name}}", delete_branch),
        web.post(f"{REPO}/tag/{{name}}", create_tag),
        web.delete(f"{REPO}/tag/{{name}}", delete_tag),
    ]


async def refs(request: web.Request) -> web.Response:
    """All branches and tags, and with `include_prs` the refs of pull requests, each with its commit."""
    repo = listed(request)
    kinds = {"branches": "refs/heads/", "tags": "refs/tags/", "converts": "refs/convert/"}
    if flag(request, "include_prs"):
        kinds["pullRequests"] = "refs/pr/"
    found = await asyncio.to_thread(all_refs, repo)
    answer: dict[str, list[dict[str, Any]]] = {
        kind: [
            {"name": (ref if kind == "pullRequests" else ref.removeprefix(prefix)), "ref": ref, "targetCommit": commit}
            for ref, commit in found.items()
            if ref.startswith(prefix)
        ]
        for kind, prefix in kinds.items()
    }
    return web.json_response(answer)


def all_refs(repo: Repo) -> dict[str, str]:
    """Every ref of a repository with the commit it leads to (annotated tags are followed)."""
    listing = git_text(repo.path, "for-each-ref", "--format=%(refname) %(objectname) %(*objectname)")
    rows = [line.split(" ") for line in listing.split("\n") if line]
    return {row[0]: row[2] or row[1] for row in rows}


async def create_branch(request: web.Request) -> web.Response:
    """A branch at `startingPoint`, or at the head of `main`."""
    repo = changed(request)
    ref = "refs/heads/" + _name(request.match_info["name"], "branch")
    body = await read_json(request)
    await _create(repo, ref, await commit_of(repo, text_field(body, "startingPoint", DEFAULT_BRANCH)))
    return web.json_response({})


async def create_tag(request: web.Request) -> web.Response:
    """The tag `tag` of the body at the revision of the URL. A message is taken and not kept: the tag is a plain ref."""
    repo = changed(request)
    body = await read_json(request)
    ref = "refs/tags/" + _name(text_field(body, "tag"), "tag")
    await _create(repo, ref, await commit_of(repo, request.match_info["name"]))
    return web.json_response({})


async def delete_branch(request: web.Request) -> web.Response:
    """The branch goes; `main` stays."""
    repo = changed(request)
    name = _name(request.match_info["name"], "branch")
    if name == DEFAULT_BRANCH:
        raise HubError(403, f"Cannot delete refs/heads/{DEFAULT_BRANCH}")
    await _delete(repo, f"refs/heads/{name}")
    return web.json_response({})


async def delete_tag(request: web.Request) -> web.Response:
    """The tag goes."""
    repo = changed(request)
    await _delete(repo, "refs/tags/" + _name(request.match_info["name"], "tag"))
    return web.json_response({})


async def _create(repo: Repo, ref: str, commit: str) -> None:
    try:
        await asyncio.to_thread(update_ref, repo.path, ref, commit, old=NO_COMMIT)
    except RefMoved as moved:
        raise HubError(409, f"Reference {ref} already exists") from moved


async def _delete(repo: Repo, ref: str) -> None:
    line = await asyncio.to_thread(git_text, repo.path, "for-each-ref", "--format=%(refname) %(objectname)", ref)
    if line.partition(" ")[0] != ref:
        raise HubError(404, f"Reference {ref} does not exist", code=REVISION_NOT_FOUND)
    try:
        await asyncio.to_thread(update_ref, repo.path, ref, None, old=line.partition(" ")[2])
    except RefMoved as moved:
        raise HubError(412, f"Reference {ref} was updated meanwhile") from moved


def _name(text: str, kind: str) -> str:
    try:
        return check_ref_name(text)
    except BadName as bad:
        raise HubError(400, f"Invalid reference for a {kind}") from bad
