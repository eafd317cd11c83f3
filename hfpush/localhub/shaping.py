"""Faults at work on one request: bodies that are cut, slowed or changed, and answers that are not given.

Handlers ask `take` for the faults that only they can play (a short lease, a missing ETag); everything that looks the
same for all operations happens here. What a fault is called and when it matches is decided in faults.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import web

from hfpush.localhub.appkeys import CROWD, FAULTS, ORIGINS
from hfpush.localhub.faults import Fault
from hfpush.localhub.refusals import refusal
from hfpush.localhub.seen import row_of

_SLOW_SECONDS = 0.02  # a slowed body moves in steps of this much time: smooth enough, and cheap for many at once
_SLOW_STEP = 1 << 16  # and not in larger ones: what is on its way when somebody is killed is small, as on a slow line
_INVERSE = bytes(range(255, -1, -1))
_LOOK_SECONDS = 0.1
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Cut(ConnectionResetError):
    """The connection was cut on purpose; whoever handles the request lets this pass."""


def take(
    request: web.Request, name: str, *, length: int | None = None, start: int = 0, by_name: bool = False
) -> Fault | None:
    """The live fault of that name for this request, used up once and noted in its row; else None.

    `length` is that of the body which the fault would be about, if it is known, and `start` the place of its first byte
    in the file.
    """
    faults = request.app[FAULTS]
    if not faults.any:
        return None
    row = row_of(request)
    fault = faults.take(name, row.op, row.part, length=length, start=start, by_name=by_name)
    if fault is not None:
        row.fault = name if row.fault is None else f"{row.fault},{name}"
    return fault


@dataclass(frozen=True)
class Shape:
    """What happens to the bytes of one body, by offset from its start. All None: nothing.

    `flipped`: every byte is inverted. The rest is about answers only: Content-Length says `more`, or (`unmeasured`:
    chunked, close) there is none; `encoded`: by gzip.
    """

    rate: float | None = None
    stall_at: int | None = None
    stall_seconds: float = 0.0
    cut_at: int | None = None
    corrupt_at: int | None = None
    end_at: int | None = None
    drop: Fault | None = None
    flipped: bool = False
    more: int = 0
    unmeasured: str = ""
    encoded: bool = False

    def step(self, at: int) -> int | None:
        """How many bytes may move at offset `at` before something happens; None: any number."""
        marks = [mark - at for mark in (self.stall_at, self.cut_at, self.end_at) if mark is not None and mark > at]
        if self.rate is not None:
            marks.append(max(1024, min(int(self.rate * _SLOW_SECONDS), _SLOW_STEP)))
        return min(marks) if marks else None


def body_shape(
    request: web.Request, *, length: int | None, start: int = 0, flipped: bool = False, answered: bool = False
) -> Shape | None:
    """The shape that the live faults give to this body; None (the usual case) if no fault is about it.

    `length` is the body's whole length if known: a corrupted byte sits in its middle, unless the fault names one of the
    file, of which the body is the bytes from `start` on. `answered`: it is that of an answer, whose head can be shaped
    as well.
    """
    if not request.app[FAULTS].any:
        return None
    slow, corrupt = take(request, "slow"), take(request, "corrupt", length=length, start=start)
    stall, drop, truncate = (take(request, name, length=length) for name in ("stall", "drop_after", "truncate"))
    longer, unmeasured, encoded = (
        take(request, name) if answered else None for name in ("wrong_length", "unknown_length", "gzip")
    )
    if not any((slow, stall, drop, corrupt, truncate, longer, unmeasured, encoded, flipped)):
        return None
    corrupt_at = None
    if corrupt:
        corrupt_at = (length or 1) // 2 if corrupt.at is None else corrupt.at - start
    return Shape(
        rate=slow.rate if slow else None,
        stall_at=stall.bytes if stall else None,
        stall_seconds=stall.seconds if stall else 0.0,
        cut_at=drop.bytes if drop else None,
        corrupt_at=corrupt_at,
        end_at=truncate.bytes if truncate else None,
        drop=drop,
        flipped=flipped,
        more=longer.more if longer else 0,
        unmeasured=unmeasured.how if unmeasured else "",
        encoded=encoded is not None,
    )


def changed(shape: Shape | None, at: int, data: bytes) -> bytes:
    """The bytes that start at offset `at`, with the one that the shape corrupts inverted, or all of them."""
    if shape is not None and shape.flipped:
        data = data.translate(_INVERSE)
    if shape is None or shape.corrupt_at is None or not at <= shape.corrupt_at < at + len(data):
        return data
    index = shape.corrupt_at - at
    return data[:index] + bytes([data[index] ^ 0xFF]) + data[index + 1 :]


class Pace:
    """Waits so that one body moves as its shape says. Call `reach` with every offset that was reached."""

    def __init__(self, request: web.Request, shape: Shape | None) -> None:
        self._request = request
        self._shape = shape
        self._start = time.monotonic()

    async def reach(self, offset: int) -> None:
        """Stall, slow down or cut, if that is due at this offset. Raises Cut."""
        shape = self._shape
        if shape is None:
            return
        if shape.stall_at == offset:
            await asyncio.sleep(shape.stall_seconds)
        if shape.cut_at is not None and offset >= shape.cut_at:
            cut(self._request)
            raise Cut("cut on purpose")
        if shape.rate is not None:
            ahead = offset / shape.rate - (time.monotonic() - self._start)
            if ahead > 0:
                await asyncio.sleep(ahead)

    def end(self, offset: int) -> None:
        """The body ended at this offset: a cut that lay behind it is kept for another request."""
        shape = self._shape
        if shape is not None and shape.drop is not None and offset < shape.drop.bytes:
            self._request.app[FAULTS].give_back(shape.drop)
            row = row_of(self._request)
            row.fault = ",".join(name for name in (row.fault or "").split(",") if name != shape.drop.name) or None


async def received(request: web.Request, shape: Shape | None) -> AsyncIterator[bytes]:
    """The request body in pieces as they come, shaped; counts them in the row. Raises Cut, ConnectionError.

    Bytes that lie in socket buffers when the connection is cut do not count as received.
    """
    content, row = request.content, row_of(request)
    if shape is None:
        while data := await content.readany():
            row.bytes_in += len(data)
            yield data
        return
    pace = Pace(request, shape)
    await pace.reach(0)
    while True:
        step = shape.step(row.bytes_in)
        data = await (content.readany() if step is None else content.read(step))
        if not data:
            pace.end(row.bytes_in)
            return
        at = row.bytes_in
        row.bytes_in += len(data)
        yield changed(shape, at, data)
        await pace.reach(row.bytes_in)


async def drain(request: web.Request) -> None:
    """Read what is left of the request body and forget it."""
    if request.body_exists:
        async for _ in received(request, None):
            pass


def cut(request: web.Request) -> None:
    """Reset the TCP connection of this request, now: the other side sees ECONNRESET, not an end."""
    transport = request.transport
    if transport is None:
        return
    sock = transport.get_extra_info("socket")
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()


async def before(request: web.Request, *, renamed: bool = False) -> web.Response | None:
    """What the request gets instead of being handled, after its body was read; None: it is handled.

    `renamed`: it was asked already under another operation, so faults about all operations have had their turn.
    """
    if not request.app[FAULTS].any:
        return None
    late = take(request, "delay", by_name=renamed)
    if late is not None:
        await asyncio.sleep(late.seconds)
    silent = take(request, "no_answer", by_name=renamed)
    if silent is not None:
        await _say_nothing(request, silent)
    if (storm := _throttled(request, renamed)) is not None:
        await drain(request)
        return _answer(request, storm)
    for name in ("status", "disk_full", "html", "bad_json", "redirect_loop"):
        fault = take(request, name, by_name=renamed)
        if fault is not None:
            await drain(request)
            return _answer(request, fault)
    return None


async def _say_nothing(request: web.Request, fault: Fault) -> None:
    """Keep quiet until the other side gives up, or be rude at once. Raises Cut."""
    while fault.how == "silent" and request.transport is not None and not request.transport.is_closing():
        await asyncio.sleep(_LOOK_SECONDS)
    cut(request)
    raise Cut("not answered on purpose")


def _throttled(request: web.Request, renamed: bool) -> Fault | None:
    """The fault that turns this request away because there are too many."""
    row = row_of(request)
    for fault in request.app[FAULTS].live():
        if fault.matches("throttle", row.op, row.part, by_name=renamed) and not request.app[CROWD].admit(row, fault):
            return take(request, "throttle", by_name=renamed)
    return None


async def after(request: web.Request) -> None:
    """Cut the connection of a handled request if its answer is to be lost. Raises Cut."""
    if request.app[FAULTS].any and take(request, "lost_answer") is not None:
        await drain(request)
        if request.transport is not None:
            request.transport.close()
        raise Cut("answer lost on purpose")


def _answer(request: web.Request, fault: Fault) -> web.Response:
    op = row_of(request).op
    if fault.name == "html":
        return web.Response(
            status=fault.code,
            content_type="text/html",
            text="<!doctype html><title>Welcome</title><h1>Please log in</h1>\n",
        )
    if fault.name == "bad_json":
        return web.Response(body=b'{"objects": [', content_type="application/json")
    if fault.name == "redirect_loop":
        return web.Response(status=302, headers={"Location": request.app[ORIGINS].as_called(str(request.url))})
    code = {"disk_full": 507, "throttle": 429}.get(fault.name, fault.code)
    answer = refusal(op, code, fault.message)
    if fault.retry_after is not None:
        answer.headers["Retry-After"] = f"{fault.retry_after:g}"
    if fault.ratelimit is not None:
        answer.headers["RateLimit"] = fault.ratelimit
    return answer
