"""The body of a request that a child sends us, in blocks: of known length, or chunked.

Source: RFC 9112, sections 6 and 7.1. A body that breaks off, or is framed in a way that two readers could understand
differently, raises BadBody: it is never taken for a whole one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import BufferedIOBase

BLOCK = 128 * 1024
_SIZE = re.compile(rb"([0-9a-fA-F]{1,15})(?:[ \t]*;[^\r\n]*)?\r\n")
_LONGEST_LINE = 4096
_MOST_TRAILERS = 32


class BadBody(Exception):
    """The body is not complete, or not framed as HTTP says."""


def blocks(stream: BufferedIOBase, headers: Mapping[str, str]) -> Iterator[bytes]:
    """The body of the request whose header lines were read from `stream`, in blocks of at most BLOCK bytes.

    `headers` are by name in lower case, what was given twice in one line. Raises BadBody, and what the stream raises.
    """
    coding, length = headers.get("transfer-encoding"), headers.get("content-length")
    if coding is not None:
        if coding.strip().lower() != "chunked" or length is not None:
            raise BadBody("the body's length is told in two ways, or in one that is not known here")
        return _chunked(stream)
    if length is None:
        return iter(())
    if not (length.isascii() and length.isdigit() and len(length) < 16):
        raise BadBody("Content-Length is no number")
    return _exactly(stream, int(length))


def _exactly(stream: BufferedIOBase, length: int) -> Iterator[bytes]:
    left = length
    while left:
        data = stream.read1(min(left, BLOCK))
        if not data:
            raise BadBody(f"the body ended {left} bytes too early")
        left -= len(data)
        yield data


def _chunked(stream: BufferedIOBase) -> Iterator[bytes]:
    while size := _size(stream.readline(_LONGEST_LINE)):
        yield from _exactly(stream, size)
        if stream.read(2) != b"\r\n":
            raise BadBody("a chunk is longer than it says")
    for _ in range(_MOST_TRAILERS):
        line = stream.readline(_LONGEST_LINE)
        if line == b"\r\n":
            return
        if not line.endswith(b"\n"):
            break
    raise BadBody("the end of the chunks is missing")


def _size(line: bytes) -> int:
    match = _SIZE.fullmatch(line)
    if match is None:
        raise BadBody("the size of a chunk cannot be read")
    return int(match[1], 16)
