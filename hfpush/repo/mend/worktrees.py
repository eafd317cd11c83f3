"""The other work trees of a repository, and the branches that each of them holds. Reads files, runs nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hfpush.repo.repository import Repository

_HOLDING = ("rebase-merge/head-name", "rebase-apply/head-name", "BISECT_START")


@dataclass(frozen=True)
class Checkout:
    """Another work tree: its root, and full names of the branches that it stands on, rebases or bisects."""

    root: Path
    branches: frozenset[str]


def checkouts(repository: Repository) -> tuple[Checkout, ...]:
    """The work trees besides this one. One whose folder is gone counts, too: it may be on a disk that is not here."""
    folders = sorted((repository.common_dir / "worktrees").glob("*/HEAD"))
    places = [repository.common_dir, *(head.parent for head in folders)]
    others = [place for place in places if not _same(place, repository.git_dir)]
    if repository.setting("core.bare") == "true":
        others = [place for place in others if place != repository.common_dir]
    return tuple(Checkout(_root(place, repository.common_dir), frozenset(_branches(place))) for place in others)


def _same(one: Path, other: Path) -> bool:
    with suppress(OSError):
        return one.samefile(other)
    return False


def _root(git_dir: Path, common_dir: Path) -> Path:
    if git_dir == common_dir:
        return common_dir.parent
    with suppress(OSError):
        return Path(os.fsdecode((git_dir / "gitdir").read_bytes()).rstrip("\n")).parent
    return git_dir


def _branches(git_dir: Path) -> Iterator[str]:
    with suppress(OSError):
        head = os.fsdecode((git_dir / "HEAD").read_bytes()).strip()
        if head.startswith("ref: "):
            yield head.removeprefix("ref: ")
    for name in _HOLDING:
        with suppress(OSError):
            held = os.fsdecode((git_dir / name).read_bytes()).strip()
            yield held if held.startswith("refs/") else f"refs/heads/{held}"
