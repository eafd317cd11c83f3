"""git's configuration as git itself has it, each setting with the file and the line where it stands.

System, user, repository, and what was given on git's command line when git runs us in a hook. What the settings mean is
the readers' business.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from hfpush.repo.config_files import ConfigFiles
from hfpush.repo.filter.place import CallersGit
from hfpush.repo.process import GitFailed


@dataclass(frozen=True)
class Listed:
    """One setting. `key` is spelt as git lists it; `file` may be something else in git's words (`git's command line`),
    the `line` is 0 where it cannot be told. `scope` is git's: system, global, local, worktree, command."""

    key: str
    value: str = field(repr=False)
    file: str = ""
    line: int = 0
    scope: str = ""


def listing(place: Path, pattern: str | None = None) -> tuple[Listed, ...]:
    """The settings of the repository at `place`, of the user alone where that is none, in git's order; those whose keys
    match `pattern`, if there is one. Raises LocalTrouble when git is missing, hangs, or cannot read its files."""
    which = ("--list",) if pattern is None else ("--get-regexp", pattern)
    try:
        said = CallersGit(place).read("config", "--includes", "--show-scope", "--show-origin", "-z", *which)
    except GitFailed as failure:
        if failure.returncode == 1 and not failure.stderr.strip():  # nothing of the kind is set
            return ()
        raise
    files = ConfigFiles()
    fields = said.decode("utf-8", "surrogateescape").split("\0")
    found = []
    for scope, origin, entry in zip(fields[::3], fields[1::3], fields[2::3], strict=False):
        key, newline, value = entry.partition("\n")
        file = _file_of(origin, place)
        found.append(Listed(key, value if newline else "true", file, files.line(Path(file), key) or 0, scope))
    return tuple(found)


def _file_of(origin: str, place: Path) -> str:
    kind, _, path = origin.partition(":")
    return str(place / path) if kind == "file" else "git's command line" if kind == "command line" else origin
