"""What the two doors of a Hub are called, and where they are: known once both listen."""

from __future__ import annotations

from dataclasses import dataclass


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
