"""Object bytes on their way out: whole or one range, by sendfile where nothing is to go wrong.

Storage GET and resolve of LFS content both end here; the headers that differ between them are the caller's.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from aiohttp import web

from hfpush.localhub.byteranges import Unsatisfiable, parse_range
from hfpush.localhub.recording import answering
from hfpush.localhub.refusals import s3_error
from hfpush.localhub.seen import row_of
from hfpush.localhub.shaping import Pace, Shape, before, body_shape, changed, take

_SMALL = 256 * 1024
_PIECE = 1 << 20


async def send_file(
    request: web.Request, file: Path, *, etag: str, headers: Mapping[str, str] | None = None
) -> web.StreamResponse:
    """Answer GET or HEAD with a file: 200, 206 for one range, or 416; the request becomes a `get` in its row.

    `etag` comes with its quotes. An If-Range that names another ETag gets the whole file. Raises ConnectionError when
    the other side goes away, and FileNotFoundError.
    """
    row = row_of(request)
    if row.op != "get" and request.method == "GET":
        row.op = "get"
        instead = await before(request, renamed=True)
        if instead is not None:
            return instead
    with file.open("rb") as source:
        size = os.fstat(source.fileno()).st_size
        whole = {"Accept-Ranges": "bytes", "ETag": etag, **(headers or {})}
        try:
            span = None if _range_is_void(request, etag) else parse_range(request.headers.get("Range"), size)
        except Unsatisfiable:
            refused = s3_error(416, "InvalidRange", "The requested range is not satisfiable")
            refused.headers.update({**whole, "Content-Range": f"bytes */{size}"})
            return refused
        if span is not None and take(request, "ignore_range"):
            span = None
        start, stop = span or (0, size)
        if span is not None:
            whole["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
        return await _send(request, source, start, stop - start, 206 if span else 200, whole)


def _range_is_void(request: web.Request, etag: str) -> bool:
    condition = request.headers.get("If-Range")
    return condition is not None and condition != etag


async def _send(
    request: web.Request, source: BinaryIO, start: int, count: int, status: int, headers: Mapping[str, str]
) -> web.StreamResponse:
    row = row_of(request)
    if request.method == "HEAD":
        answer = web.StreamResponse(status=status, headers=headers)
        answer.content_length = count
        return answer
    shape = body_shape(request, length=count)
    if shape is None and count <= _SMALL:
        body = os.pread(source.fileno(), count, start)
        row.bytes_out = len(body)
        return web.Response(status=status, headers=headers, body=body)
    answer = web.StreamResponse(status=status, headers=headers)
    answer.content_length = count
    if shape is not None:
        return await send_shaped(
            request, answer, lambda at, most: os.pread(source.fileno(), most, start + at), count, shape
        )
    row.bytes_out = count
    answering(request, status)
    await answer.prepare(request)
    transport = request.transport
    if transport is None:
        raise ConnectionResetError("the other side went away")
    try:
        await asyncio.get_running_loop().sendfile(transport, source, start, count)
    except BaseException:
        row.bytes_out = max(0, source.tell() - start)
        raise
    await answer.write_eof()
    return answer


async def send_shaped(
    request: web.Request, answer: web.StreamResponse, read: Callable[[int, int], bytes], count: int, shape: Shape
) -> web.StreamResponse:
    """Send a body with faults at work on it; `read(at, most)` gives its bytes from offset `at` on.

    `answer` is not prepared yet, and has its length. Raises Cut.
    """
    row, pace, at = row_of(request), Pace(request, shape), 0
    answering(request, answer.status)
    await answer.prepare(request)
    await pace.reach(0)
    while at < count and shape.end_at != at:
        piece = read(at, min(shape.step(at) or _PIECE, count - at))
        row.bytes_out = at + len(piece)
        await answer.write(changed(shape, at, piece))
        at += len(piece)
        await pace.reach(at)
    if at < count and request.transport is not None:
        answer.force_close()
        request.transport.close()
    else:
        await answer.write_eof()
    return answer
