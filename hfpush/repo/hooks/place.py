"""Where git looks for the hooks of a repository, and whether that is this repository's own folder."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from hfpush.errors import Refused
from hfpush.repo.process import GitFailed
from hfpush.repo.repository import Repository


@dataclass(frozen=True)
class HooksFolder:
    """A folder with git hooks. `chosen` says that the setting core.hooksPath names it."""

    path: Path
    chosen: bool


def hooks_folder(repository: Repository) -> HooksFolder:
    """The folder that git takes this repository's hooks from; linked work trees share it. It may not exist yet.

    Raises Refused when a setting of the user or the machine names it: its hooks run in other repositories too.
    """
    setting = _setting(repository)
    if setting is None:
        return HooksFolder(repository.common_dir / "hooks", chosen=False)
    scope, value = setting
    base = repository.root or repository.git_dir
    if scope in ("local", "worktree"):
        return HooksFolder(base / value, chosen=True)
    own = repository.common_dir / "hooks"
    raise Refused.of(
        "hooks-shared",
        "git takes the hooks of all your repositories from one folder, so one that is put there runs in all of them.",
        seen=(f"core.hooksPath is {value!r} in the {scope} configuration",),
        to_try=(
            "put the line `hfpush-hook pre-commit || exit 1` into the pre-commit hook of that folder",
            f"or give this repository its own hooks: git config core.hooksPath {shlex.quote(str(own))}",
        ),
    )


def _setting(repository: Repository) -> tuple[str, str] | None:
    """Scope and value of core.hooksPath as it applies here, None when it is unset."""
    asked = ("config", "-z", "--show-scope", "--type=path", "--get-all", "core.hooksPath")
    try:
        fields = repository.git.read(*asked).decode("utf-8", "surrogateescape").split("\0")
    except GitFailed as answer:
        if answer.returncode == 1:
            return None
        raise
    found = [pair for pair in zip(fields[::2], fields[1::2], strict=False) if pair[0] != "command"]  # that is ours
    return found[-1] if found and found[-1][1] else None
