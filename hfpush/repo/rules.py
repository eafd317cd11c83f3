"""What the Hub takes in git itself and what must go to LFS. Pure.

The rules are those that its push hook is known to enforce: no blob over 10 MiB in any commit, and no binary one. How it
tells binary is not public; this is the stricter reading.
"""

from __future__ import annotations

import codecs
import re

from hfpush import units
from hfpush.findings import Finding

MAX_GIT_FILE = 10 * 2**20
"""The largest blob that the Hub takes outside LFS, in bytes."""
HEAD_BYTES = 8000
"""How much of a file's start tells whether it is binary: as much as git looks at."""
NEVER_LFS = frozenset({".gitattributes", ".gitignore", ".gitmodules", ".lfsconfig", ".mailmap"})
"""Names of files that git itself reads: a pointer in their place would break the repository."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NOT_UTF8 = re.compile(r"[\ud800-\udfff]")


def is_binary(head: bytes, *, whole: bool) -> bool:
    """Whether a file that starts with `head` (its first HEAD_BYTES; all of it if `whole`) is binary: a NUL in it, or
    not UTF-8. A character that the end of `head` cuts is no reason unless the file ends there."""
    if b"\0" in head:
        return True
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=whole)
    except UnicodeDecodeError:
        return True
    return False


def path_problem(path: str) -> str | None:
    """Why the Hub, git or another machine could not hold a file of this relative path; None if all of them could."""
    if _NOT_UTF8.search(path):
        return "it is not UTF-8"
    if _CONTROL.search(path):
        return "it holds a control character"
    if "\\" in path:
        return "it holds a backslash"
    if len(path.encode()) > 4096:
        return "it is longer than 4096 bytes"
    for part in path.split("/"):
        if part in ("", ".", ".."):
            return "it is not a relative path"
        if part.lower() in (".git", "git~1"):
            return "a folder or file named .git belongs to git"
        if len(part.encode()) > 255:
            return "a part of it is longer than 255 bytes"
    return None


def absent_finding(count: int) -> Finding:
    """The warning for blobs of the range that a partial clone does not have."""
    return Finding(
        "history-incomplete",
        f"{units.count(count, 'file')} of the history to be published {'is' if count == 1 else 'are'} not in this "
        "partial clone, so nothing is known of their size or of LFS objects they name.",
        remedy=("git fetch --refetch, from where it was cloned, without a filter",),
        severity="warning",
    )


def shown(path: str) -> str:
    """A path as it may be shown: one that holds a control character or is not UTF-8 is written out in ASCII."""
    return path if path.isprintable() else ascii(path)
