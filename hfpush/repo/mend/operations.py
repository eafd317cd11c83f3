"""What git leaves in a git directory while one of its longer operations is under way. Looks, changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Operation:
    """An operation under way: its name, the file that says so, and the git commands that end it."""

    name: str
    sign: Path
    endings: tuple[str, ...]


# In this order: a rebase stops with a CHERRY_PICK_HEAD, and a series of picks with one, too.
_SIGNS = (
    ("rebase-merge", "rebase", ("rebase --continue", "rebase --abort")),
    ("rebase-apply/applying", "series of patches (git am)", ("am --continue", "am --abort")),
    ("rebase-apply", "rebase", ("rebase --continue", "rebase --abort")),
    ("MERGE_HEAD", "merge", ("merge --continue", "merge --abort")),
    ("CHERRY_PICK_HEAD", "cherry-pick", ("cherry-pick --continue", "cherry-pick --abort")),
    ("REVERT_HEAD", "revert", ("revert --continue", "revert --abort")),
    ("sequencer/todo", "cherry-pick or revert", ("cherry-pick --continue", "cherry-pick --abort")),
    ("BISECT_LOG", "bisection", ("bisect reset",)),
)


def operations(git_dir: Path) -> tuple[Operation, ...]:
    """What is under way in the work tree with this git directory: the outermost operation, and a bisection."""
    found = [Operation(name, git_dir / sign, how) for sign, name, how in _SIGNS if (git_dir / sign).exists()]
    bisections = [one for one in found if one.sign.name == "BISECT_LOG"]
    others = [one for one in found if one not in bisections]
    return (*others[:1], *bisections)
