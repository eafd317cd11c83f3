"""The one middleware: sorts a request into its operation, keeps its row, and lets the common faults happen."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from hfpush.localhub.appkeys import AUTH, CONFIG, CROWD, SEEN
from hfpush.localhub.seen import Row, row_of, set_row
from hfpush.localhub.shaping import Cut, after, before, cut

_PART = re.compile(r"(?:^|&)partNumber=([0-9]{1,5})(?:&|$)")


def recording(
    operation: Callable[[web.Request], str],
) -> Middleware:
    """The middleware of one origin; `operation` names what a request is."""

    @web.middleware
    async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
        row = Row(operation(request), request.method, request.rel_url.raw_path)
        if row.path.startswith("/-/"):
            return await handler(request)
        set_row(request, row)
        if row.op == "put" and (numbered := _PART.search(request.rel_url.raw_query_string)):
            row.part = int(numbered[1])
        row.started = request.app[CONFIG].clock()
        row.client = request.headers.get("User-Agent", "")[:200]
        user = request.app[AUTH].identify(request.headers).user
        row.user = user.name if user else None
        start = time.monotonic()
        request.app[SEEN].begin(row)
        try:
            answer: web.StreamResponse | None = await before(request)
            if answer is None:
                answer = await handler(request)
                await after(request)
            row.status = answer.status
            _count_out(row, answer)
            return answer
        except web.HTTPException as answered:
            row.status = answered.status
            _count_out(row, answered)
            raise
        except Cut:
            return web.Response()  # goes nowhere: the connection is closed
        except ConnectionError:
            cut(request)
            return web.Response()
        except Exception:
            row.status = 500
            raise
        finally:
            _count_in(row, request)
            row.seconds = time.monotonic() - start
            request.app[CROWD].leave(row)
            request.app[SEEN].add(row)

    return record


def answering(request: web.Request, status: int) -> None:
    """Keep the row of a request whose handler is about to send the answer itself."""
    row = row_of(request)
    row.status = status
    request.app[SEEN].add(row)


def _count_in(row: Row, request: web.Request) -> None:
    # A handler that streams its body counts for itself, exactly up to a cut; for the others the connection did.
    if row.bytes_in == 0:
        row.bytes_in = getattr(request.content, "total_bytes", 0)


def _count_out(row: Row, answer: web.StreamResponse) -> None:
    if row.bytes_out == 0 and row.method != "HEAD" and isinstance(answer, web.Response):
        body = answer.body
        row.bytes_out = len(body) if isinstance(body, bytes | bytearray | memoryview) else 0
