"""File contents by revision and path: `resolve` (LFS objects themselves) and `raw` (their pointers).

Everything is answered with 200 directly, unless HubConfig asks for the redirects of production: 302 to the storage
(redirect_lfs), 307 to a file of one commit in /api/resolve-cache (redirect_small).
"""

from __future__ import annotations

import asyncio
import mimetypes
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from aiohttp import web

from hfpush.localhub.access import commit_of, path_of, reading
from hfpush.localhub.appkeys import CONFIG, OBJECTS
from hfpush.localhub.byteranges import Unsatisfiable
from hfpush.localhub.errors import ENTRY_NOT_FOUND, HubError
from hfpush.localhub.gittree import Entry, file_at
from hfpush.localhub.pointer import MAX_POINTER_SIZE, Pointer, parse_pointer
from hfpush.localhub.repos import Repo
from hfpush.localhub.route import Target
from hfpush.localhub.seen import row_of
from hfpush.localhub.sending import Slice, send_bytes, send_file, slice_of
from hfpush.localhub.shaping import take
from hfpush.localhub.signed_get import life_of, object_url
from hfpush.localhub.storage import object_path

README = "README.md"


@dataclass(frozen=True)
class _Found:
    """A file at a commit. `content` is there unless it is only an LFS pointer's object that is wanted."""

    entry: Entry
    content: bytes
    pointer: Pointer | None


async def handle(request: web.Request, target: Target) -> web.StreamResponse:
    """HEAD and GET of one file: 200, 206, 302, 307, 416; refusals carry the Hub's codes."""
    return await answer(request, target)


async def answer(request: web.Request, target: Target, *, from_cache: bool = False) -> web.StreamResponse:
    """As `handle`; `from_cache`: the redirect to the cache was followed, and there is none any more."""
    if request.method not in ("GET", "HEAD"):
        raise web.HTTPMethodNotAllowed(request.method, ["GET", "HEAD"])
    # Whoever is not through the gate may still read what the repository is about.
    repo = reading(request, target.type, target.id, content=target.path != README)
    commit = await commit_of(repo, target.rev)
    found = await _find(repo, commit, target)
    headers = _headers(request, target, commit)
    if found.pointer is None or target.kind == "raw":
        public = request.app[CONFIG].redirect_small and not repo.record.private and not repo.record.gated
        if public and target.kind == "resolve" and not from_cache:
            return _to_cache(request, target, commit, found.entry.oid)
        return await _send_blob(request, found, headers, may_encode=from_cache)
    return await _send_object(request, repo, found.pointer, headers)


async def _find(repo: Repo, commit: str, target: Target) -> _Found:
    path = path_of(target.path, status=404) if target.path else ""
    found = await asyncio.to_thread(file_at, repo.path, commit, path) if path else None
    if found is None:
        raise HubError(404, "Entry not found", code=ENTRY_NOT_FOUND, headers={"X-Repo-Commit": commit})
    entry, content = found
    return _Found(entry, content, parse_pointer(content) if entry.size < MAX_POINTER_SIZE else None)


def _headers(request: web.Request, target: Target, commit: str) -> dict[str, str]:
    name = target.path.rsplit("/", 1)[-1]
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in name)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = {
        "X-Repo-Commit": commit,
        "Accept-Ranges": "bytes",
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(name)}; filename=\"{plain}\";",
        # A stored page must not run as one of this origin.
        "Content-Type": "text/plain; charset=utf-8" if kind.startswith("text/") or "json" in kind else kind,
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if take(request, "no_commit_header"):
        del headers["X-Repo-Commit"]
    return headers


def _to_cache(request: web.Request, target: Target, commit: str, oid: str) -> web.Response:
    """307, with a relative address. The commit is told here already: not all clients look at what comes then."""
    query = urlencode({request.rel_url.raw_path: "", "etag": f'"{oid}"'}, quote_via=quote, safe="")
    place = f"/api/resolve-cache/{target.type}/{quote(target.id)}/{commit}/{quote(target.path, safe='')}?{query}"
    return _redirect(307, place, {"X-Repo-Commit": commit, "Accept-Ranges": "bytes"})


def _redirect(status: int, location: str, headers: Mapping[str, str]) -> web.Response:
    word = "Found" if status == 302 else "Temporary Redirect"
    return web.Response(
        status=status, text=f"{word}. Redirecting to {location}", headers={**headers, "Location": location}
    )


async def _send_blob(
    request: web.Request, found: _Found, headers: dict[str, str], *, may_encode: bool
) -> web.StreamResponse:
    etag, content = f'"{found.entry.oid}"', found.content
    try:
        part = slice_of(request, len(content), etag, headers)
    except Unsatisfiable:
        outside = headers | {"ETag": etag, "Content-Range": f"bytes */{len(content)}"}
        raise HubError(416, "Range Not Satisfiable", headers=_without_type(outside)) from None
    if may_encode and request.method == "GET" and part.status == 200 and _accepts_gzip(request) and content:
        packer = zlib.compressobj(wbits=31)
        content = packer.compress(content) + packer.flush()
        weak = {"ETag": f"W/{etag}", "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        part = Slice(200, 0, len(content), {**part.headers, **weak})
    return await send_bytes(request, content, part)


def _accepts_gzip(request: web.Request) -> bool:
    offered = (one.strip().partition(";") for one in request.headers.get("Accept-Encoding", "").split(","))
    return any(
        name.strip() == "gzip" and weight.replace(" ", "") not in ("q=0", "q=0.0") for name, _, weight in offered
    )


async def _send_object(
    request: web.Request, repo: Repo, pointer: Pointer, headers: dict[str, str]
) -> web.StreamResponse:
    objects = request.app[OBJECTS]
    etag = f'"{pointer.oid}"'
    headers |= {"X-Linked-Size": str(pointer.size), "X-Linked-ETag": etag}
    row_of(request).oid = pointer.oid
    if not objects.has(repo.record.uid, pointer.oid):
        raise HubError(404, "Entry not found", code=ENTRY_NOT_FOUND, headers=_without_type(headers))
    if request.app[CONFIG].redirect_lfs:
        url = object_url(request, object_path(repo.record.uid, pointer.oid), life_of(request))
        return _redirect(302, url, _without_type(headers))
    return await send_file(request, objects.path(pointer.oid), etag=etag, headers=headers)


def _without_type(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in ("Content-Type", "Content-Disposition")}
