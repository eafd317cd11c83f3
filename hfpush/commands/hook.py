"""git's hooks of a repository: put in, taken out, looked at; and the judgement of what is staged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hfpush.errors import HfpushError, Refused
from hfpush.findings import Finding
from hfpush.repo.audit.scan import scan
from hfpush.repo.audit.scoping import of_range
from hfpush.repo.hooks.install import Change, Hook, look, put_in, take_out
from hfpush.repo.hooks.scripts import HOOK_NAMES, HookName
from hfpush.repo.hooks.staged import all_files, staged_files
from hfpush.repo.hooks.verdict import File, commit_finding, refused
from hfpush.repo.process import GitFailed
from hfpush.repo.repository import Repository
from hfpush.repo.rules import MAX_GIT_FILE


@dataclass(frozen=True)
class HookStatus:
    """How each hook stands; `trouble` where it cannot be told."""

    hooks: tuple[Hook, ...]
    trouble: tuple[Finding, ...] = ()


def install_hooks(path: Path, names: Sequence[HookName], program: Path | None) -> tuple[Change, ...]:
    """Install these hooks in the repository around `path`. Again: nothing changes. Raises Refused with what to do
    instead where a hook of someone else stands against it; then none is installed."""
    return put_in(Repository.around(path), names, program)


def uninstall_hooks(path: Path, names: Sequence[HookName]) -> tuple[Change, ...]:
    """Take our part out of these hooks of the repository around `path`; what else is in them stays."""
    return take_out(Repository.around(path), names)


def hook_status(path: Path) -> HookStatus:
    """How the hooks of the repository around `path` stand. Changes nothing."""
    repository = Repository.around(path)
    looked = [_looked(repository, name) for name in HOOK_NAMES]
    trouble = [found for found in looked if isinstance(found, Finding)]
    hooks = tuple(found for found in looked if isinstance(found, Hook))
    return HookStatus(hooks, tuple(dict.fromkeys(trouble)))


def _looked(repository: Repository, name: HookName) -> Hook | Finding:
    try:
        return look(repository, name)
    except HfpushError as error:
        return error.finding


def check_staged(path: Path, index: Path | None, *, place: str = ".", else_all: bool = False) -> None:
    """Check what the next commit brings in, against the Hub's rules for files in git itself.

    `index` is the index file that the commit is made of, None for the repository's own; `place` is what the user calls
    the repository. With `else_all`, when nothing is staged, every file of the commit that is checked out is looked at.
    Raises Refused (`commit-refused`).
    """
    repository = Repository.around(path)
    files = staged_files(repository, index)
    committed = not files and else_all and repository.tip is not None
    if committed:
        files = all_files(repository)
    limit = size_limit(repository)
    found = refused(files, limit)
    if found:
        raise Refused(commit_finding(found, limit, place, committed=committed))


def check_brought(path: Path, older: str, newer: str, *, place: str = ".") -> None:
    """Check what the commits of `newer` bring in that are not in `older`'s history, also files that a later one of
    these takes away again. Raises Refused (`commit-refused`), and Misuse for names of no commit."""
    repository = Repository.around(path)
    limit = size_limit(repository)
    seen = scan(repository, of_range(repository, [newer, f"^{older}"]), above=limit)
    files = [File(at.path, blob.id, blob.size, bool(blob.binary)) for blob in seen.blobs for at in blob.sightings]
    found = refused(list(dict.fromkeys(files)), limit)
    if found:
        raise Refused(commit_finding(found, limit, place, committed=True))


def size_limit(repository: Repository) -> int:
    """How many bytes a file in git itself may have here: the setting hfpush.limit, else the Hub's."""
    try:
        return int(repository.git.line("config", "--type=int", "--get", "hfpush.limit"))
    except GitFailed:  # not set, or no number: then the Hub's own limit holds
        return MAX_GIT_FILE
