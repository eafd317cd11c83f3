"""Refusals in the words of the door: S3's XML at the storage, git-lfs JSON, REST JSON, plain text for git. Pure."""

from __future__ import annotations

from xml.sax.saxutils import escape

from aiohttp import web

LFS_JSON = "application/vnd.git-lfs+json"
LFS_OPS = frozenset({"batch", "verify", "locks"})
STORAGE_OPS = frozenset({"put", "get"})
GIT_OPS = frozenset({"git-refs", "git-fetch", "git-push", "page"})

_S3_WORDS = {
    400: ("RequestTimeout", "Your socket connection to the server was not read from or written to within the timeout "
          "period. Idle connections will be closed."),
    403: ("AccessDenied", "Access Denied"),
    404: ("NoSuchKey", "The specified key does not exist."),
    409: ("OperationAborted", "A conflicting operation is currently in progress against this resource. Try again."),
    429: ("TooManyRequests", "Please reduce your request rate."),
    500: ("InternalError", "We encountered an internal error. Please try again."),
    503: ("SlowDown", "Please reduce your request rate."),
    507: ("InsufficientStorage", "There is no space left for this object."),
}  # fmt: skip
_WORDS = {
    401: "Invalid username or password.",
    403: "You have read access but not the required permissions for this operation",
    404: "Repository not found",
    412: "A commit has happened since. Please refresh and try again.",
    429: "Too Many Requests: you have exceeded the rate limit.",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    507: "Insufficient Storage",
}


def s3_error(status: int, code: str, message: str, **more: str) -> web.Response:
    """An error as S3 says it; `more` become further elements of the document."""
    inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in more.items())
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
        f"<Message>{escape(message)}</Message>{inner}</Error>"
    )
    return web.Response(status=status, body=body.encode(), content_type="application/xml")


def refusal(op: str, status: int, message: str | None = None, code: str | None = None) -> web.Response:
    """What the door of this operation answers with that status; the message is the door's usual one if None.

    `code` is the Hub's X-Error-Code, or S3's code at the storage.
    """
    if op in STORAGE_OPS:
        s3_code, words = _S3_WORDS.get(status, ("InternalError", "Unexpected."))
        return s3_error(status, code or s3_code, message or words)
    text = message or _WORDS.get(status, f"Error {status}")
    headers = {"X-Error-Message": text.replace("\n", " ")}
    if code:
        headers["X-Error-Code"] = code
    if op in GIT_OPS:
        return web.Response(status=status, text=text + "\n", headers=headers)
    if op in LFS_OPS:
        body = web.json_response({"message": text}, status=status, headers=headers, content_type=LFS_JSON)
        return body
    return web.json_response({"error": text}, status=status, headers=headers)
