"""File contents by revision and path: `resolve` (LFS objects themselves) and `raw` (their pointers).

Everything is answered with 200 directly, unless HubConfig.redirect_lfs asks for production's 302 to the storage.
"""

from __future__ import annotations

import asyncio
import mimetypes
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from hfpush.localhub.access import commit_of, path_of, reading
from hfpush.localhub.appkeys import CONFIG, OBJECTS, ORIGINS, SIGNER
from hfpush.localhub.byteranges import Unsatisfiable, parse_range
from hfpush.localhub.errors import ENTRY_NOT_FOUND, HubError
from hfpush.localhub.gittree import Entry, file_at
from hfpush.localhub.pointer import MAX_POINTER_SIZE, Pointer, parse_pointer
from hfpush.localhub.repos import Repo
from hfpush.localhub.route import Target
from hfpush.localhub.seen import row_of
from hfpush.localhub.sending import send_file, send_shaped
from hfpush.localhub.shaping import body_shape, take
from hfpush.localhub.storage import object_path

README = "README.md"


@dataclass(frozen=True)
class _Found:
    """A file at a commit. `content` is there unless it is only an LFS pointer's object that is wanted."""

    entry: Entry
    content: bytes
    pointer: Pointer | None


async def handle(request: web.Request, target: Target) -> web.StreamResponse:
    """HEAD and GET of one file: 200, 206, 302, 416; refusals carry the Hub's codes."""
    if request.method not in ("GET", "HEAD"):
        raise web.HTTPMethodNotAllowed(request.method, ["GET", "HEAD"])
    # Whoever is not through the gate may still read what the repository is about.
    repo = reading(request, target.type, target.id, content=target.path != README)
    commit = await commit_of(repo, target.rev)
    found = await _find(repo, commit, target)
    headers = _headers(request, target, commit)
    if found.pointer is None or target.kind == "raw":
        return await _send_blob(request, found, headers)
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


async def _send_blob(request: web.Request, found: _Found, headers: dict[str, str]) -> web.StreamResponse:
    etag, content = f'"{found.entry.oid}"', found.content
    headers |= {"ETag": etag}
    try:
        void = request.headers.get("If-Range", etag) != etag
        span = None if void else parse_range(request.headers.get("Range"), len(content))
    except Unsatisfiable:
        outside = headers | {"Content-Range": f"bytes */{len(content)}"}
        raise HubError(416, "Range Not Satisfiable", headers=_without_type(outside)) from None
    if span is not None and take(request, "ignore_range"):
        span = None
    start, stop = span or (0, len(content))
    if span is not None:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(content)}"
    body, status = content[start:stop], 206 if span else 200
    shape = body_shape(request, length=len(body)) if request.method == "GET" else None
    if shape is None:
        # Said by us: for the HEAD of an empty file aiohttp leaves it out, and clients up to 0.36 insist on it.
        headers["Content-Length"] = str(len(body))
        return web.Response(status=status, headers=headers, body=body)
    answer = web.StreamResponse(status=status, headers=headers)
    answer.content_length = len(body)
    return await send_shaped(request, answer, lambda at, most: body[at : at + most], len(body), shape)


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
        url = request.app[ORIGINS].storage + object_path(repo.record.uid, pointer.oid)
        location = request.app[SIGNER].presign("GET", url, request.app[CONFIG].url_ttl, {"x-id": "GetObject"})
        return web.Response(status=302, headers=_without_type(headers) | {"Location": location})
    return await send_file(request, objects.path(pointer.oid), etag=etag, headers=headers)


def _without_type(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in ("Content-Type", "Content-Disposition")}
