"""What files in git itself mean for a push to the Hub, said where a commit or a push begins. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from hfpush import units
from hfpush.findings import Finding
from hfpush.repo.rules import MAX_GIT_FILE, NEVER_LFS, shown

_SHOWN = 20


@dataclass(frozen=True)
class File:
    """A file in git itself: its path, its blob, the length of that in bytes, and whether it is binary or an LFS
    pointer. Both are False for one that is too large to be read."""

    path: str
    blob: str
    size: int = 0
    binary: bool = False
    pointer: bool = False


def refused(files: Sequence[File], limit: int = MAX_GIT_FILE) -> list[File]:
    """Those that the Hub would not take: over `limit` bytes, or binary. The largest first."""
    return sorted((file for file in files if file.size > limit or file.binary), key=lambda file: -file.size)


def commit_finding(files: Sequence[File], limit: int, place: str, *, committed: bool = False) -> Finding:
    """The finding for at least one file that the Hub refuses, staged or `committed` already. Its last word is the
    command that mends it, for the repository at `place`."""
    seen = [_line(file, limit) for file in files[:_SHOWN]]
    if len(files) > _SHOWN:
        seen.append(f"and {len(files) - _SHOWN:,} more")
    remedy = ["set HFPUSH_SKIP=1 for one command, to go on all the same"]
    ours = [file for file in files if PurePosixPath(file.path).name in NEVER_LFS]
    if ours:
        remedy.append(f"make {shown(ours[0].path)} smaller: git itself reads it, so it cannot be in LFS")
    if len(ours) < len(files):
        command = shlex.join(["hfpush", "fix" if committed else "track", *([] if place == "." else [place])])
        remedy.append(
            f"put them into LFS, also in the commits:\n{command}"
            if committed
            else f"then commit again after:\n{command}"
        )
    what = "file" if len(files) == 1 else f"{len(files):,} files"
    which = "a push of what is committed" if committed else "a push of this commit"
    return Finding("commit-refused", f"The Hub would refuse {which}, for the {what} below.", tuple(seen), tuple(remedy))


def unstaged_finding(pointers: Sequence[str], files: Sequence[str], place: str) -> Finding:
    """The finding for staged pointers that only attribute `files` which are not staged as they stand send to LFS."""
    seen = [shown(path) for path in pointers[:_SHOWN]]
    if len(pointers) > _SHOWN:
        seen.append(f"and {len(pointers) - _SHOWN:,} more")
    what = "an LFS pointer" if len(pointers) == 1 else f"{len(pointers):,} LFS pointers"
    return Finding(
        "attributes-unstaged",
        f"This commit would hold {what}, but not the lines of .gitattributes that make files of them again.",
        tuple(seen),
        (shlex.join(["git", *([] if place == "." else ["-C", place]), "add", *files]),),
    )


def backup_finding(refs: Sequence[str]) -> Finding:
    """The finding for a push that would take refs of hfpush's own along."""
    return Finding(
        "backup-in-push",
        "This push would send what hfpush keeps for itself, the history before a fix among it.",
        evidence=tuple(refs[:_SHOWN]),
        remedy=(
            "set HFPUSH_SKIP=1 for one command, to push it all the same",
            "git push --prune <remote> 'refs/heads/*:refs/heads/*' 'refs/tags/*:refs/tags/*'",
        ),
    )


def _line(file: File, limit: int) -> str:
    if file.size > limit:
        return f"{shown(file.path)}: {units.size(file.size)}, and git itself may hold {units.size(limit)}"
    return f"{shown(file.path)}: binary, {units.size(file.size)}, and not in LFS"
