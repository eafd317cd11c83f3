"""Would the Hub take what is staged? Loads little, because it runs with each commit."""

from __future__ import annotations

from pathlib import Path

from hfpush.errors import Refused
from hfpush.repo.hooks.staged import all_files, staged_files
from hfpush.repo.hooks.uncovered import unstaged_attributes
from hfpush.repo.hooks.verdict import commit_finding, refused, unstaged_finding
from hfpush.repo.process import GitFailed
from hfpush.repo.repository import Repository
from hfpush.repo.rules import MAX_GIT_FILE


def check_staged(path: Path, index: Path | None, *, place: str = ".", else_all: bool = False) -> None:
    """Check what the next commit brings in, against the Hub's rules for files in git itself; and that the lines which
    its LFS pointers need are in that commit, where the work tree has them.

    `index` is the index file that the commit is made of, None for the repository's own; `place` is what the user calls
    the repository. With `else_all`, when nothing is staged, every file of the commit that is checked out is looked at.
    Raises Refused (`commit-refused`, `attributes-unstaged`).
    """
    repository = Repository.around(path)
    files = staged_files(repository, index)
    committed = not files and else_all and repository.tip is not None
    if committed:
        files = all_files(repository)
    limit = size_limit(repository)
    found = []
    if against := refused(files, limit):
        found.append(commit_finding(against, limit, place, committed=committed))
    pointers = [] if committed else [file.path for file in files if file.pointer]
    if pointers and (unstaged := unstaged_attributes(repository, index, pointers)):
        found.append(unstaged_finding(unstaged.pointers, unstaged.files, place))
    if found:
        raise Refused.of_all(found)


def size_limit(repository: Repository) -> int:
    """How many bytes a file in git itself may have here: the setting hfpush.limit, else the Hub's."""
    try:
        return int(repository.git.line("config", "--type=int", "--get", "hfpush.limit"))
    except GitFailed:  # not set, or no number: then the Hub's own limit holds
        return MAX_GIT_FILE
