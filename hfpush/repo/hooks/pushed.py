"""What git tells a pre-push hook, and where a push goes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import Misuse

OUR_REFS = "refs/hfpush/"
"""Where hfpush keeps backups and histories that are made for a push."""


@dataclass(frozen=True)
class PushedRef:
    """A ref that is pushed: `local` is the object's id, `remote_ref` its full name at the other side, and `remote` the
    id that the other side has there, None where it has none. `local` is None when the ref is deleted."""

    local: str | None
    remote_ref: str
    remote: str | None


def parse_pushed(lines: str) -> tuple[PushedRef, ...]:
    """The refs that git writes to a pre-push hook, four words a line. Raises Misuse for anything else."""
    found = []
    for line in filter(None, lines.split("\n")):
        words = line.split(" ")
        if len(words) != 4:
            raise Misuse.of(
                "hook-input",
                "This is not what git tells a pre-push hook.",
                seen=(ascii(line[:100]),),
                to_try=("let git run the hook: hfpush hook install --pre-push",),
            )
        _, local, remote_ref, remote = words
        found.append(PushedRef(_id(local), remote_ref, _id(remote)))
    return tuple(found)


def kept_back(refs: Sequence[PushedRef]) -> tuple[str, ...]:
    """Those of hfpush's own refs that would be made at the other side, as `git push --mirror` does."""
    return tuple(ref.remote_ref for ref in refs if ref.local is not None and ref.remote_ref.startswith(OUR_REFS))


@dataclass(frozen=True)
class Destination:
    """A repository at the Hub that a remote's URL names, and the token that is in the URL, if there is one."""

    repo: RepoAddress
    token: str | None = field(default=None, repr=False)


def destination(url: str, endpoint: Endpoint) -> Destination | None:
    """The repository of `endpoint` that git pushes to with this URL; None for any other place."""
    scheme, separator, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    plain = f"{scheme}{separator}{host}{slash}{path}"
    if not endpoint.owns(plain):
        return None
    below = urlsplit(plain).path[len(urlsplit(endpoint.url).path) :].strip("/").removesuffix(".git")
    first, _, id = below.partition("/")
    repo_type, id = (first.removesuffix("s"), id) if first in ("datasets", "spaces") else ("model", below)
    try:
        repo = RepoAddress.parse(endpoint, id, repo_type)
    except Misuse:
        return None
    return Destination(repo, (unquote(user.partition(":")[2]) or None) if at else None)


def _id(text: str) -> str | None:
    return text if text.strip("0") else None
