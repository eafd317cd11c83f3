"""Who we are to the Hub, and what we may do there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Account:
    """`source` says where the token comes from (`HF_TOKEN`, `hf auth login`), empty where there is none. `looks_like`
    is `token` or `other` (an account's password). `may_write` is None where that could not be told. `helpers` are
    git's credential helpers, `git_has` whether one of them answers for the Hub."""

    source: str = ""
    looks_like: str = ""
    status: int = 0
    name: str = ""
    role: str = ""
    scopes: tuple[str, ...] = ()
    may_read: bool | None = None
    may_write: bool | None = None
    repo_status: int = 0
    repo_code: str = ""
    anonymous_status: int = 0
    other_types: tuple[str, ...] = ()
    """Types under which a repository of that name exists (`dataset`), where it does not under the one asked."""
    helpers: tuple[str, ...] = ()
    git_has: bool | None = None
    said: str = ""
