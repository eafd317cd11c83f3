"""An HTTP/1 answer in bytes that were read off a socket of ours. Pure.

http.client would read it as well, but only from a file, and not while a request is still being sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_MOST_BODY = 64 * 1024
_MOST_INTERIM = 100
_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})(?: [^\r\n]*)?")
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,12}")
_XML = re.compile(r"<(Code|Message)>([^<]{1,400})</\1>")


class NotHttp(ValueError):
    """What came is no answer of an HTTP server."""


@dataclass(frozen=True)
class HttpAnswer:
    """`headers` have names in lower case. `whole` says that nothing more of it will come; `keeps` that the connection
    may be used again. `body` is its beginning, without chunks' frames."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    whole: bool = False
    keeps: bool = False

    @property
    def words(self) -> dict[str, str]:
        """`Code` and `Message` of an answer in the manner of S3, where they are there."""
        return dict(_XML.findall(self.body.decode("utf-8", "replace")))


def parse_answer(data: bytes, *, ended: bool = False) -> HttpAnswer | None:
    """The answer that `data` begins with, None as long as its head is not complete. `ended`: no more bytes will come.
    Interim answers (1xx) are passed over. Raises NotHttp."""
    for _ in range(_MOST_INTERIM):
        if not b"HTTP/1.".startswith(data[:7]):
            raise NotHttp("what came does not begin with HTTP/1")
        head, blank, rest = data.partition(b"\r\n\r\n")
        if not blank:
            return None
        first, *lines = head.split(b"\r\n")
        match = _STATUS.fullmatch(first)
        if match is None:
            raise NotHttp("what came has no status line")
        status = int(match[2])
        if status >= 200:
            break
        data = rest
    else:
        raise NotHttp("one interim answer after the other came, and none that was more")
    fields = (line.decode("latin-1").partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, colon, value in fields if colon}
    body, whole = _body(headers, rest, status)
    keeps = whole and match[1] == b"1" and "close" not in headers.get("connection", "").lower()
    return HttpAnswer(status, headers, body[:_MOST_BODY], whole or ended or len(body) > _MOST_BODY, keeps)


def _body(headers: Mapping[str, str], rest: bytes, status: int) -> tuple[bytes, bool]:
    """What is there of the body, and whether that is all."""
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return _chunks(rest)
    length = headers.get("content-length", "0" if status in (204, 304) else "")
    if not length.isascii() or not length.isdigit():
        return rest, False
    return rest[: int(length)], len(rest) >= int(length)


def _chunks(rest: bytes) -> tuple[bytes, bool]:
    body, at = bytearray(), 0
    while True:
        end = rest.find(b"\r\n", at)
        match = _SIZE.match(rest, at) if end >= 0 else None
        if match is None:
            return bytes(body), False
        size = int(match[0], 16)
        if size == 0:
            return bytes(body), rest.find(b"\r\n", end + 2) >= 0
        body += rest[end + 2 : end + 2 + size]
        at = end + 2 + size + 2
        if at > len(rest):
            return bytes(body), False
