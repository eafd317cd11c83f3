"""`lfs.fetchinclude` and `lfs.fetchexclude`: which paths' objects are downloaded. Pure.

Comma-separated patterns in the manner of .gitignore, as git-lfs reads them (docs/man/git-lfs-fetch): a pattern with a
slash is anchored at the top, one without matches a name at any depth, and a folder stands for all that is in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence


def wanted(path: str, include: Sequence[str], exclude: Sequence[str]) -> bool:
    """Whether the object of `path` is to be downloaded: it matches `include`, if there is any, and no `exclude`."""
    return (not include or _matches(path, include)) and not _matches(path, exclude)


def patterns(setting: str | None) -> tuple[str, ...]:
    """The patterns of one setting."""
    return tuple(one for one in (part.strip() for part in (setting or "").split(",")) if one)


def _matches(path: str, among: Sequence[str]) -> bool:
    return any(re.fullmatch(_expression(pattern), path, re.DOTALL) for pattern in among)


def _expression(pattern: str) -> str:
    body = pattern.strip("/")
    anchored = pattern.startswith("/") or "/" in body
    return ("" if anchored else "(?:.*/)?") + _body(body) + "(?:/.*)?"


def _body(pattern: str) -> str:
    out, at = "", 0
    while at < len(pattern):
        letter = pattern[at]
        if pattern.startswith("**/", at):
            out, at = out + "(?:.*/)?", at + 3
        elif pattern.startswith("**", at):
            out, at = out + ".*", at + 2
        elif letter == "\\" and at + 1 < len(pattern):
            out, at = out + re.escape(pattern[at + 1]), at + 2
        elif letter == "[" and (end := pattern.find("]", at + 2)) > 0:
            inside = pattern[at + 1 : end]
            negated = inside[0] in "!^"
            kept = re.sub(r"([\\\[\]&~|^])", r"\\\1", inside[1:] if negated else inside)
            out, at = out + f"(?!/)[{'^' if negated else ''}{kept}]", end + 1
        else:
            out, at = out + {"*": "[^/]*", "?": "[^/]"}.get(letter, re.escape(letter)), at + 1
    return out
