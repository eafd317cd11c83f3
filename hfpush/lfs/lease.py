"""A lease: the signed addresses, good for a while, to which one object may be sent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from hfpush.lfs.parts import part_count, part_range


@dataclass(frozen=True)
class Action:
    """One signed request that a batch answer lets us make. Neither field may be shown."""

    href: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Lease:
    """Where and how to send one object.

    `part_urls[n-1]` takes part n; with `complete_url` the parts are then put together there, without it there is one
    part, the whole object, sent with `headers`. `part_bytes` is the length of every part but the last. `expires_at`
    is unix time, None when the server did not say. Parts count only inside `upload_id`.
    """

    upload_id: str
    size: int
    part_bytes: int
    part_urls: tuple[str, ...] = field(repr=False)
    complete_url: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    verify: Action | None = None
    expires_at: float | None = None

    @property
    def in_parts(self) -> bool:
        """Whether parts are put together at the end, and thus survive on their own."""
        return self.complete_url is not None

    def range_of(self, number: int) -> tuple[int, int]:
        """Bytes [start, stop) of part `number`, counted from 1."""
        return part_range(number, self.size, self.part_bytes)

    @property
    def numbers(self) -> range:
        """The part numbers, 1 to n."""
        return range(1, part_count(self.size, self.part_bytes) + 1)


def upload_id_of(complete_url: str, first_part_url: str) -> str:
    """What tells one multipart upload from another: the `uploadId` in its URLs, as S3 and the Hub write it.

    A server that hides it gets a digest of the completion URL: then every lease is an upload of its own, which
    costs bytes after a crash but never mixes two uploads.
    """
    for url in (complete_url, first_part_url):
        for name, value in parse_qsl(urlsplit(url).query):
            if name.lower().replace("_", "") == "uploadid" and value:
                return value
    return "url-" + hashlib.sha256(complete_url.encode()).hexdigest()[:32]
