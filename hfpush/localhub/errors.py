"""How the Hub says no: status, code and message, in the body and in the headers that its clients read.

The Python client picks its exception by `X-Error-Code` alone when the Hub is not behind https, so every refusal of
something missing carries one.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from aiohttp import web
from aiohttp.typedefs import Handler

from hfpush.localhub.auth import Denial

REVISION_NOT_FOUND = "RevisionNotFound"
ENTRY_NOT_FOUND = "EntryNotFound"


class HubError(Exception):
    """A refusal on its way to the client. `extra` are further fields of the JSON body, `headers` of the answer."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})

    @classmethod
    def of(cls, denial: Denial) -> HubError:
        """What auth.py decided, as an error."""
        return cls(denial.status, denial.message, code=denial.code, headers=denial.headers)


def answer(error: HubError) -> web.Response:
    """The response: JSON `{"error": message}`, `X-Error-Code`, and `X-Error-Message` if the message fits."""
    headers = dict(error.headers)
    if error.code:
        headers["X-Error-Code"] = error.code
    if error.message.isprintable() and len(error.message) < 1000:
        headers["X-Error-Message"] = error.message
    return web.json_response({"error": error.message, **error.extra}, status=error.status, headers=headers)


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns HubError, and aiohttp's own refusals (no such route, wrong method, body too large), into answers."""
    try:
        return await handler(request)
    except HubError as error:
        return answer(error)
    except web.HTTPError as error:
        allow = error.headers.get("Allow")
        return answer(HubError(error.status, error.reason, headers={"Allow": allow} if allow else None))


async def add_request_id(request: web.Request, response: web.StreamResponse) -> None:
    """An `on_response_prepare` signal: every answer has an `X-Request-Id` for people to quote."""
    response.headers.setdefault("X-Request-Id", f"Root=1-{uuid.uuid4().hex[:8]}-{uuid.uuid4().hex[:24]}")
