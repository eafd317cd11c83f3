"""What the two doors of a Hub are called, and where they are: known once both listen."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass
class Origins:
    """Base URLs without a slash at the end: `api` (git, LFS, REST, resolve) and `storage` (signed PUT and GET).

    `api` and `storage` are what others call them, `api_door` and `storage_door` where this process listens: two
    things where a proxy with TLS stands in front.
    """

    api: str = ""
    storage: str = ""
    api_door: str = ""
    storage_door: str = ""

    def as_called(self, url: str) -> str:
        """A request's own URL as its sender wrote it: TLS may have been taken off on the way."""
        for called in (self.api, self.storage):
            if urlsplit(called).netloc == urlsplit(url).netloc:
                return urlsplit(url)._replace(scheme=urlsplit(called).scheme).geturl()
        return url
