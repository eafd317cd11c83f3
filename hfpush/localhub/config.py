"""What a local Hub is told when it starts: one frozen value."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hfpush.localhub.auth import User


@dataclass(frozen=True, kw_only=True)
class HubConfig:
    """Settings of one local Hub. Sizes are bytes, times are seconds; port 0 means any free port."""

    root: Path
    """Everything the Hub keeps is below this folder; a second start on it goes on where the first ended."""
    host: str = "127.0.0.1"
    port: int = 0
    storage_port: int = 0
    api_url: str = ""
    """What the Hub is called by others (`https://hub.example`), where something stands in front of it; it then names
    itself so in every answer. Empty: where it listens."""
    storage_url: str = ""
    """The same for the storage."""
    users: tuple[User, ...] = ()
    """Who may come in. Empty: one user `local` with a write and a read token, kept below root."""
    url_ttl: float = 900.0
    """Life of a signed URL and of a lease."""
    part_size: int = 16_000_000
    multipart_threshold: int = 32_000_000
    """An object larger than this goes in parts when the client offers `multipart`."""
    multipart_downloads: bool = False
    """Answer a download `multipart` when the client offers that, with ordinary addresses: which the API allows."""
    small_ones_whole: bool = False
    """In a `multipart` answer give objects up to the threshold one address and no parts: which the API allows, and
    huggingface_hub's agent for git-lfs does not survive."""
    max_git_file: int = 10 * 1024 * 1024
    """The largest blob that git itself may hold."""
    page_size: int = 1000
    """Entries on one page of a listing."""
    redirect_lfs: bool = False
    """Answer resolve of an LFS file with 302 to a signed storage URL, as production does."""
    redirect_small: bool = False
    """Answer resolve of a file that git itself holds with 307 to /api/resolve-cache, as production does for public
    repositories; there it comes gzip-encoded to whoever accepts that."""
    clock: Callable[[], float] = time.time
    """Seconds since the epoch."""
