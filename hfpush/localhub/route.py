"""Which repository, and which of its doors, a path outside /api names. Pure.

A path is split before it is decoded, so that `refs%2Fpr%2F1` stays one revision. Ids have one or two segments, and
`.git` after the id is optional everywhere. Whether the repository exists, and whether its name is a valid one, is
not decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

Kind = Literal["resolve", "raw", "blob", "tree", "commit", "git", "lfs", "page"]

PREFIXES = frozenset({"datasets", "spaces"})
RESERVED = frozenset({"api", "-", ""})
_REVISION_KINDS: dict[str, Kind] = {
    "resolve": "resolve",
    "raw": "raw",
    "blob": "blob",
    "tree": "tree",
    "commit": "commit",
}
_GIT_TAILS = (("info", "refs"), ("git-upload-pack",), ("git-receive-pack",))


@dataclass(frozen=True)
class Target:
    """What a path names. `type` (models, datasets, spaces) and `id` (decoded, without `.git`) are
    the repository: give both to `RepoKey`.

    resolve, raw, blob, tree, commit: `rev` and `path` (decoded; path may be empty for tree and commit).
    git: `path` is `info/refs`, `git-upload-pack` or `git-receive-pack`.
    lfs: `path` is what follows `info/lfs/`, for instance `objects/batch`.
    page: the repository itself.
    """

    kind: Kind
    type: str
    id: str
    rev: str = ""
    path: str = ""


def parse(raw_path: str) -> Target | None:
    """The target of a still percent-encoded path (no query), or None if no repository path has this form."""
    segments = raw_path.split("/")[1:]
    if segments and segments[-1] == "":
        segments.pop()
    repo_type = "models"
    if segments and segments[0] in PREFIXES:
        repo_type = segments[0]
        segments = segments[1:]
    if not segments or segments[0] in RESERVED:
        return None
    for length in (1, 2):
        found = _door(segments[length:])
        if found is not None:
            kind, rev, path = found
            return Target(kind, repo_type, _repo_id(segments[:length]), rev, path)
    if len(segments) <= 2:
        return Target("page", repo_type, _repo_id(segments))
    return None


def _door(rest: list[str]) -> tuple[Kind, str, str] | None:
    """Kind, revision and path of what follows a repository id, or None if this is not a door."""
    if tuple(rest) in _GIT_TAILS:
        return "git", "", "/".join(rest)
    if len(rest) > 2 and rest[:2] == ["info", "lfs"]:
        return "lfs", "", unquote("/".join(rest[2:]))
    if len(rest) >= 2 and rest[0] in _REVISION_KINDS:
        return _REVISION_KINDS[rest[0]], unquote(rest[1]), "/".join(unquote(part) for part in rest[2:])
    return None


def _repo_id(segments: list[str]) -> str:
    return "/".join(unquote(part) for part in segments).removesuffix(".git")
