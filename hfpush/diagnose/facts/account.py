"""Who we are to the Hub, and what we may do there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Account:
    """`source` says where the token comes from (`HF_TOKEN`, `hf auth login`), empty where there is none; it was sent
    only where the user trusts the endpoint (Question.trusted). `looks_like` is `token` or `other` (an account's
    password). `status` is what the Hub answered to the question who we are, 0 where it did not, or was not asked.
    `may_write` is None where that could not be told. `helpers` are git's credential helpers, `git_has` whether one of
    them answers for the Hub, `git_status` what the Hub answers to that login, 0 where nobody asked."""

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
    git_looks_like: str = ""
    git_same: bool = False
    """What git's helpers give is hfpush's own token."""
    git_status: int = 0
    git_said: str = ""
    access_status: int = 0
    """Whether its files may be read: a gate closes them, and not what is said of the repository."""
    access_code: str = ""
    access_said: str = ""
    push_status: int = 0
    push_said: str = ""
    locks_status: int = 0
    owners: tuple[str, ...] = ()
    """The organisations of the account."""
    malformed: bool = False
    """No header can hold it, so it was not sent."""
    advertised: tuple[str, ...] | None = None
    """The commits at which the branches of the repository stand at the endpoint; None where it did not say."""
