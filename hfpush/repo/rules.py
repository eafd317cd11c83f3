"""What the Hub takes in git itself and what must go to LFS; how an offender is told and mended. Pure.

The rules are those that its push hook is known to enforce: no blob over 10 MiB in any commit, and no binary one. How it
tells binary is not public; this is the stricter reading.
"""

from __future__ import annotations

import codecs
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from hfpush import units
from hfpush.findings import Finding

MAX_GIT_FILE = 10 * 2**20
"""The largest blob that the Hub takes outside LFS, in bytes."""
HEAD_BYTES = 8000
"""How much of a file's start tells whether it is binary: as much as git looks at."""
NEVER_LFS = frozenset({".gitattributes", ".gitignore", ".gitmodules", ".lfsconfig", ".mailmap"})
"""Names of files that git itself reads: a pointer in their place would break the repository."""

_SHOWN = 20
_NAMED = 50
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NOT_UTF8 = re.compile(r"[\ud800-\udfff]")
# What means something in a pattern or ends one, and what no shell line shows well: any one character stands for it.
_ODD = re.compile(r"[*?\[\]{}\\,\"!#\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class LargeBlob:
    """A file over MAX_GIT_FILE in git itself. `commit` is the oldest of the range that brings it in, whole id."""

    path: str
    size: int
    commit: str


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


def large_file_finding(large: Sequence[LargeBlob], branch: str | None) -> Finding:
    """The finding `large-file-in-git` for at least one blob.

    `branch` is the short name of the branch to mend, None when HEAD is detached. A later commit that deletes the file
    does not help: the Hub looks at every commit of a push.
    """
    seen = [f"{shown(blob.path)}: {units.size(blob.size)}, since commit {blob.commit[:10]}" for blob in large[:_SHOWN]]
    if len(large) > _SHOWN:
        seen.append(f"and {len(large) - _SHOWN:,} more")
    what = "is a file" if len(large) == 1 else f"are {len(large):,} files"
    return Finding(
        "large-file-in-git",
        f"There {what} over {MAX_GIT_FILE // 2**20} MiB in the history of git itself, which the Hub refuses.",
        evidence=tuple(seen),
        remedy=(
            migrate_command([blob.path for blob in large], branch),
            "or, if the history need not be kept, copy the files to a folder without .git and publish that",
        ),
    )


def migrate_command(paths: Sequence[str], branch: str | None) -> str:
    """The shell line that moves `paths` of a branch's history to LFS. Many paths are named by their size instead."""
    if len(set(paths)) > _NAMED:
        which = f"--above={MAX_GIT_FILE // 2**20}MiB"
    else:
        which = "--include=" + ",".join(dict.fromkeys("/" + _ODD.sub("?", path) for path in paths))
    ref = f"--include-ref=refs/heads/{branch or 'publish'}"
    command = shlex.join(["git", "lfs", "migrate", "import", which, ref])
    return command if branch else f"git switch -c publish && {command}"


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
