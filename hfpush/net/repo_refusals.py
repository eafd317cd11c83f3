"""What it means that a Hub does not let somebody at a repository, and what that person can do about it. Pure.

To who has no token the Hub says the same (401) of a repository that does not exist and of one that is private; to who
has one, 404 for both. Both must be told, for nobody else can tell them apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hfpush.errors import HfpushError, NotFound, Refused

_API = re.compile(r"(?P<base>https?://.*?)/api/(?P<kind>models|datasets|spaces)/(?P<rest>[^?#]+)")
_PAGE = re.compile(r"(?P<base>https?://[^/]+(?:/[^?#]*?)?)/(?P<end>resolve/|raw/|info/lfs|info/refs)")
_VERBS = frozenset(
    ("revision", "tree", "refs", "commits", "commit", "preupload", "paths-info", "settings", "branch", "tag", "resolve")
)
_DISABLED = "access to this resource is disabled"
_LOG_IN = ("hf auth login", "or put a token into HF_TOKEN")


@dataclass(frozen=True)
class Named:
    """The repository that a URL is about: its type, its id, and the address of its page."""

    type: str
    id: str
    page: str

    def __str__(self) -> str:
        return f"{self.type} {self.id}"


def repository_in(url: str) -> Named | None:
    """The repository that a URL of a Hub's API, of a file or of git is about; None where none can be seen."""
    match = _API.match(url)
    if match is not None:
        segments = match["rest"].split("/")
        length = 1 if len(segments) == 1 or segments[1] in _VERBS else 2
        prefix = "" if match["kind"] == "models" else f"{match['kind']}/"
        repo_id = "/".join(segments[:length])
        return Named(match["kind"][:-1], repo_id, f"{match['base']}/{prefix}{repo_id}")
    match = _PAGE.match(url)
    if match is None:
        return None
    page = match["base"].removesuffix(".git")
    segments = page.split("/")[3:]
    kinds = [at for at, segment in enumerate(segments) if segment in ("datasets", "spaces")]
    kind = segments[kinds[-1]][:-1] if kinds else "model"
    repo_id = "/".join(segments[kinds[-1] + 1 :] if kinds else segments[-2:])
    return Named(kind, repo_id, page) if repo_id else None


def gated(named: Named | None, said: str, seen: tuple[str, ...], *, with_token: bool) -> Refused:
    """The error for `X-Error-Code: GatedRepo`; `said` is the Hub's own sentence, which knows whether one waits."""
    what = f"The {named or 'repository'} is gated"
    page = named.page if named is not None else "its page"
    if not with_token:
        message = f"{what}: it wants the token of an account that has been let in, and none was sent."
        return Refused.of("repo-gated", message, seen=seen, to_try=(f"open {page} and accept its conditions", *_LOG_IN))
    if "await" in said or "pending" in said:
        message = f"{what}, and its owners have not yet decided on your request."
        return Refused.of(
            "repo-gated", message, seen=seen, to_try=("wait for their answer; then run the command again",)
        )
    if "rejected" in said:
        return Refused.of("repo-gated", f"{what}, and its owners have turned down your request.", seen=seen)
    return Refused.of(
        "repo-gated",
        f"{what}, and the account of this token has not been let in.",
        seen=seen,
        to_try=(f"open {page} with that account, accept its conditions, and run the command again",),
    )


def unauthorized(named: Named | None, seen: tuple[str, ...], *, with_token: bool) -> Refused:
    """The error for any other 401."""
    if with_token:
        return Refused.of(
            "token-refused",
            "The Hub does not accept the token.",
            seen=seen,
            to_try=("make a new one on the Hub's settings page and put it into HF_TOKEN", "or run: hf auth login"),
        )
    message = "The Hub wants a token for this (or there is no such repository), and none is set."
    if named is not None:
        message = f"There is no {named}, or it is private or gated and no token was sent."
    return Refused.of(
        "token-missing",
        message,
        seen=seen,
        to_try=("check the spelling of the id, and --type", f"if it is private or gated: {_LOG_IN[0]}", _LOG_IN[1]),
    )


def forbidden(named: Named | None, said: str, seen: tuple[str, ...], *, reading: bool) -> Refused:
    """The error for a 403 that is not about a gate."""
    if _DISABLED in said.casefold():
        return Refused.of(
            "repo-disabled",
            f"The Hub has disabled the {named or 'repository'}: nobody gets anything from it.",
            seen=seen,
            to_try=(f"look at {named.page if named is not None else 'its page'}, or ask its owner",),
        )
    right = "a token that may read it (a fine-grained one lists its repositories)"
    return Refused.of(
        "no-permission",
        "The token may not do this on that repository.",
        seen=seen,
        to_try=(f"use {right if reading else 'a token with write permission for it'}",),
    )


def missing(named: Named | None, code: str, seen: tuple[str, ...], *, with_token: bool) -> HfpushError:
    """The error for a 404 or 410."""
    if code == "RevisionNotFound":
        return NotFound.of(
            "revision-not-found",
            f"The {named or 'repository'} has no such revision.",
            seen=seen,
            to_try=("check the spelling of --revision",),
        )
    if code == "EntryNotFound":
        return NotFound.of("file-not-found", "The repository has no such file at that revision.", seen=seen)
    message = "There is no such repository, or the token may not see it."
    if named is not None:
        hidden = "it is private and this token may not see it" if with_token else "it is private"
        message = f"There is no {named}, or {hidden}."
    return NotFound.of(
        "repo-not-found",
        message,
        seen=seen,
        to_try=("check the spelling of the id, and --type", "if it is private: use a token that may read it"),
    )
