"""Where the two doors of a Hub are, known once both listen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Origins:
    """Base URLs without a slash at the end: `api` (git, LFS, REST, resolve) and `storage` (signed PUT and GET)."""

    api: str = ""
    storage: str = ""
