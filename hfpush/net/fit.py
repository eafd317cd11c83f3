"""Whether the head of an answer can be that of the file, or the range, that was asked for.

What a server says of its own accord is believed where it contradicts what we know, and never instead of it: bytes are
judged by their digest, by others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import requests

from hfpush.errors import Damaged
from hfpush.net.ranges import parse_content_range
from hfpush.net.redact import place, redact

_DIGEST = re.compile(r"[0-9a-f]+")
_UNPACKABLE = ("", "gzip", "x-gzip", "deflate")


class RangeUnusable(Damaged):
    """The server's answer to a range request cannot be trusted; ask for the whole file instead."""


class AnswerUnfit(Damaged):
    """The answer cannot be the file: another size, another commit. Nothing was read of it."""


@dataclass(frozen=True)
class Wanted:
    """Bytes [start, stop) of a file of `size` bytes, as it is at `commit`; `digest` is what the Hub names it by."""

    size: int
    start: int = 0
    stop: int | None = None
    commit: str | None = None
    digest: str | None = None

    @property
    def end(self) -> int:
        """Where we stop: never beyond the file."""
        return self.size if self.stop is None else min(self.stop, self.size)

    @property
    def is_range(self) -> bool:
        """Whether a range is to be asked for, and not the file as it is."""
        return self.start > 0 or self.stop is not None


def body_start(response: requests.Response, wanted: Wanted) -> int:
    """Where the body of a 2xx begins: at zero when it is the whole file. Raises RangeUnusable, AnswerUnfit."""
    for answer in (*response.history, response):
        _check_named(answer, wanted)
    encoded, length = encoding_of(response), _length(response)
    if encoded not in _UNPACKABLE:
        raise unfit(response.url, "it is packed in a way that was not asked for")
    if response.status_code == 206:
        given = parse_content_range(response.headers.get("Content-Range", ""))
        right = given is not None and given[:2] == (wanted.start, wanted.end) and given[2] in (None, wanted.size)
        several = response.headers.get("Content-Type", "").strip().lower().startswith("multipart/byteranges")
        if encoded or several or not right or length not in (None, wanted.end - wanted.start):
            said = redact(response.headers.get("Content-Range", "no Content-Range"))[:100]
            asked = f"bytes [{wanted.start}, {wanted.end}) of {wanted.size}"
            error = RangeUnusable if wanted.is_range else AnswerUnfit
            raise error.of(
                "range-unusable",
                "A server gives other bytes than those asked for.",
                seen=(f"asked: {asked}; got: {said}",),
            )
        return wanted.start
    if response.status_code != 200:
        raise unfit(response.url, f"the answer is a {response.status_code}")
    if not encoded and length is not None and length != wanted.size:
        raise unfit(response.url, f"it has {length} bytes, and {wanted.size} are listed")
    return 0


def _check_named(response: requests.Response, wanted: Wanted) -> None:
    """What an answer or a redirect on the way to it says of the file. Raises AnswerUnfit where that is another one."""
    headers = response.headers
    commit, size, etag = (headers.get(name, "") for name in ("X-Repo-Commit", "X-Linked-Size", "X-Linked-ETag"))
    if wanted.commit and commit and commit != wanted.commit:
        raise unfit(response.url, f"it is of commit {redact(commit)[:64]}, not {wanted.commit}")
    if size.isascii() and size.isdigit() and size.lstrip("0") != str(wanted.size).lstrip("0"):
        raise unfit(response.url, f"it has {redact(size)[:20]} bytes, and {wanted.size} are listed")
    digest = etag.strip().removeprefix("W/").strip('"').lower()
    if wanted.digest and _DIGEST.fullmatch(digest) and len(digest) == len(wanted.digest) and digest != wanted.digest:
        raise unfit(response.url, f"its digest is {digest}, not {wanted.digest}")


def encoding_of(response: requests.Response) -> str:
    """How the body is packed; empty when it is not."""
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    return "" if encoding == "identity" else encoding


def strong_etag(response: requests.Response) -> str:
    """The ETag, if it may go into If-Range: whoever sends that one again gives the same bytes. Empty otherwise."""
    etag = response.headers.get("ETag", "")
    plain = etag.isascii() and etag.isprintable() and len(etag) < 200
    return etag if plain and etag.startswith('"') and etag.endswith('"') and len(etag) > 2 else ""


def _length(response: requests.Response) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def unfit(url: str, what: str) -> AnswerUnfit:
    """The error for an answer from `url` of which we know `what`."""
    return AnswerUnfit.of(
        "content-mismatch",
        "A server's answer is not the file that the repository lists.",
        seen=(f"GET {place(url)}: {what}",),
    )
