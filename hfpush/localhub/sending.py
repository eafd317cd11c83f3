"""Bytes of files on their way out: whole or one range, by sendfile where nothing is to go wrong.

Storage GET, and resolve of LFS content and of git's, all end here; the headers that differ between them are the
caller's.
"""

from __future__ import annotations

import asyncio
import os
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from aiohttp import HttpVersion10, web

from hfpush.localhub.byteranges import Unsatisfiable, parse_range
from hfpush.localhub.recording import answering
from hfpush.localhub.refusals import s3_error
from hfpush.localhub.seen import row_of
from hfpush.localhub.shaping import Pace, Shape, before, body_shape, changed, take

_SMALL = 256 * 1024
_PIECE = 1 << 20

Read = Callable[[int, int], bytes]
"""`read(at, most)`: bytes from offset `at` of a body on, at most so many."""


@dataclass(frozen=True)
class Slice:
    """What of a file an answer holds: `count` bytes from `start` on, with this status and these headers.

    `swapped`: it is another file.
    """

    status: int
    start: int
    count: int
    headers: dict[str, str]
    swapped: bool = False


def slice_of(request: web.Request, size: int, etag: str, headers: Mapping[str, str]) -> Slice:
    """What of a file of `size` bytes is asked for. `etag` comes with its quotes.

    An If-Range that names another ETag gets the whole file. Raises Unsatisfiable.
    """
    swapped = request.method == "GET" and take(request, "swap") is not None
    if swapped:
        etag = f'"{etag[::-1].strip(chr(34))}"'
    whole = {"Accept-Ranges": "bytes", **headers, "ETag": etag}
    void = request.headers.get("If-Range", etag) != etag
    span = None if void else parse_range(request.headers.get("Range"), size)
    if span is None or take(request, "ignore_range"):
        return Slice(200, 0, size, whole, swapped)
    if take(request, "refuse_range"):
        raise Unsatisfiable
    start, stop = span
    shifted = take(request, "wrong_range")
    moved = start if shifted is None else max(0, min(start + shifted.shift, size - 1))
    count = min(stop - start, size - moved)
    said = start if shifted is not None and shifted.how == "untold" else moved
    whole["Content-Range"] = f"bytes {said}-{said + count - 1}/{size}"
    return Slice(206, moved, count, whole, swapped)


async def send_file(
    request: web.Request, file: Path, *, etag: str, headers: Mapping[str, str] | None = None
) -> web.StreamResponse:
    """Answer GET or HEAD with a file: 200, 206 for one range, or 416; the request becomes a `get` in its row.

    Raises ConnectionError when the other side goes away, and FileNotFoundError.
    """
    row = row_of(request)
    if row.op != "get" and request.method == "GET":
        row.op = "get"
        instead = await before(request, renamed=True)
        if instead is not None:
            return instead
    with file.open("rb") as source:
        size = os.fstat(source.fileno()).st_size
        try:
            part = slice_of(request, size, etag, headers or {})
        except Unsatisfiable:
            refused = s3_error(416, "InvalidRange", "The requested range is not satisfiable")
            refused.headers.update({"Accept-Ranges": "bytes", "ETag": etag, **(headers or {})})
            refused.headers["Content-Range"] = f"bytes */{size}"
            return refused
        return await _send(request, source, part)


async def send_bytes(request: web.Request, content: bytes, part: Slice) -> web.StreamResponse:
    """Answer with a slice of `content`. Raises ConnectionError when the other side goes away."""
    body = content[part.start : part.start + part.count]
    shape = shape_of(request, part)
    if shape is None:
        # Said by us: for the HEAD of an empty file aiohttp leaves it out, and clients up to 0.36 insist on it.
        return web.Response(status=part.status, headers={**part.headers, "Content-Length": str(len(body))}, body=body)
    answer = web.StreamResponse(status=part.status, headers=part.headers)
    return await send_shaped(request, answer, lambda at, most: body[at : at + most], len(body), shape)


def shape_of(request: web.Request, part: Slice) -> Shape | None:
    """What happens to the body of an answer; None if nothing does."""
    if request.method != "GET":
        return None
    return body_shape(request, length=part.count, start=part.start, flipped=part.swapped, answered=True)


async def _send(request: web.Request, source: BinaryIO, part: Slice) -> web.StreamResponse:
    row, start, count = row_of(request), part.start, part.count
    answer = web.StreamResponse(status=part.status, headers=part.headers)
    answer.content_length = count
    if request.method == "HEAD":
        return answer
    shape = shape_of(request, part)
    if shape is None and count <= _SMALL:
        body = os.pread(source.fileno(), count, start)
        row.bytes_out = len(body)
        return web.Response(status=part.status, headers=part.headers, body=body)
    if shape is not None:
        return await send_shaped(
            request, answer, lambda at, most: os.pread(source.fileno(), most, start + at), count, shape
        )
    row.bytes_out = count
    answering(request, part.status)
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
    request: web.Request, answer: web.StreamResponse, read: Read, count: int, shape: Shape
) -> web.StreamResponse:
    """Send a body of `count` bytes with faults at work on it. `answer` is not prepared yet. Raises Cut."""
    if shape.encoded:
        packed = _packed(changed(shape, 0, read(0, count)))
        answer.headers["Content-Encoding"] = "gzip"
        read, count, shape = (lambda at, most: packed[at : at + most]), len(packed), _as_it_is(shape)
    answer.content_length = None if shape.unmeasured else max(0, count + shape.more)
    if shape.unmeasured == "close":
        answer.force_close()
        request._version = HttpVersion10  # of which aiohttp makes an answer that ends with its connection
    count = min(count, count + shape.more)
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
    if (at < count or shape.more > 0) and request.transport is not None:
        answer.force_close()
        request.transport.close()
    else:
        await answer.write_eof()
    return answer


def _as_it_is(shape: Shape) -> Shape:
    """The shape of a body whose bytes are as they shall be already."""
    return replace(shape, corrupt_at=None, flipped=False, encoded=False)


def _packed(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(data) + packer.flush()
