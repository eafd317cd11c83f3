"""Puts our hooks into a repository and takes them out again. What a file's text becomes is text.py's business.

Nothing is written before every file that is to change has been looked at. A file is replaced in one step and keeps its
rights; what is in it besides our part stays byte for byte.
"""

from __future__ import annotations

import os
import secrets
import shlex
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hfpush.disk.trouble import disk_trouble
from hfpush.errors import Refused
from hfpush.repo.hooks.obstacle import Obstacle, obstacle_in
from hfpush.repo.hooks.place import hooks_folder
from hfpush.repo.hooks.scripts import HookName, script
from hfpush.repo.hooks.text import State, has_more, state_of, with_hook, without_hook
from hfpush.repo.process import GitFailed
from hfpush.repo.repository import Repository
from hfpush.repo.writing import WritingGit

PROGRAM = "hfpush.program"
"""The setting, in the repository's own configuration, that tells its hooks where hfpush is."""
_FRAMEWORK_LINES = (
    "- repo: local\n  hooks:\n  - {id: hfpush-audit, name: hfpush audit, entry: hfpush-hook audit, language: system, "
    "pass_filenames: false, always_run: true}"
)


@dataclass(frozen=True)
class Hook:
    """One hook of a repository: where it is, whether our part is in it, and whether it does `more` than that."""

    name: HookName
    path: Path
    state: State
    more: bool = False


@dataclass(frozen=True)
class Change:
    """What was done to a hook: `before` and after."""

    before: Hook
    after: Hook

    @property
    def changed(self) -> bool:
        """Whether the file was written or removed."""
        return self.before != self.after


def look(repository: Repository, name: HookName) -> Hook:
    """How a hook stands. Raises Refused for a shared folder, or a file that is ours no more."""
    path = hooks_folder(repository).path / name
    return _hook(name, path, _content(path))


def put_in(repository: Repository, names: Sequence[HookName], program: Path | None) -> tuple[Change, ...]:
    """Put our part into these hooks; `program` is where hfpush is, for a surrounding whose PATH lacks it.

    Done again it changes nothing. Raises Refused where it cannot be done without harm, with what to do instead.
    """
    changes = _changed(repository, names, lambda found, name: with_hook(found, script(name)), may_go_in=True)
    if program is not None and repository.setting(PROGRAM) != str(program):
        WritingGit.of(repository).read("config", "--local", PROGRAM, str(program))
    return changes


def take_out(repository: Repository, names: Sequence[HookName]) -> tuple[Change, ...]:
    """Take our part out of these hooks. A file that we made goes, any other is what it was before. Done again it
    changes nothing."""
    changes = _changed(repository, names, lambda found, name: None if found is None else without_hook(found))
    if all(look(repository, name).state in ("absent", "without") for name in ("pre-commit", "pre-push")):
        with suppress(GitFailed):  # it is not set
            WritingGit.of(repository).read("config", "--local", "--unset", PROGRAM)
    return changes


def _changed(
    repository: Repository,
    names: Sequence[HookName],
    meant: Callable[[bytes | None, HookName], bytes | None],
    *,
    may_go_in: bool = False,
) -> tuple[Change, ...]:
    folder = hooks_folder(repository).path
    steps: list[tuple[Change, bytes | None]] = []
    for name in names:
        path = folder / name
        found = _content(path)
        before = _hook(name, path, found)
        if may_go_in:
            _check(name, path, found)
        text = meant(found, name)
        steps.append((Change(before, _hook(name, path, text)), text))
    for change, text in steps:
        if change.changed:
            _write(change.before.path, text)
    return tuple(change for change, _ in steps)


def _hook(name: HookName, path: Path, content: bytes | None) -> Hook:
    try:
        return Hook(name, path, state_of(content, script(name)), content is not None and has_more(content))
    except ValueError as error:
        raise Refused.of(
            "hook-damaged",
            f"The {name} hook holds a part of hfpush whose marks were changed, so we leave it alone.",
            seen=(f"{path}: {error}",),
            to_try=("remove the lines from `# >>> hfpush` to `# <<< hfpush` by hand, then run the command again",),
        ) from error


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise disk_trouble(error, path) from error


def _check(name: HookName, path: Path, content: bytes | None) -> None:
    """Raises Refused unless our part can go into the file, and runs there."""
    line = "hfpush-hook pre-commit || exit 1" if name == "pre-commit" else 'hfpush hook run pre-push "$@" || exit 1'
    if path.is_symlink():
        target = os.readlink(path)
        raise _foreign(name, f"{path} is a link to {target!r}", f"put this line into the file it leads to: {line}")
    if ".husky" in path.parts:
        obstacle: Obstacle | None = Obstacle("manager", "husky")
    else:
        obstacle = None if content is None else obstacle_in(content)
    if obstacle is None:
        if content is not None and not os.access(path, os.X_OK):
            chmod = shlex.join(["chmod", "+x", str(path)])
            raise _foreign(name, f"{path} is not executable, so git does not run it", chmod, "or remove it")
    elif obstacle.kind == "framework":
        raise _foreign(
            name,
            f"{path} is written by the pre-commit framework",
            f"add this to .pre-commit-config.yaml:\n{_FRAMEWORK_LINES}",
        )
    elif obstacle.kind == "manager":
        where = f".husky/{name}" if obstacle.name == "husky" else f"{obstacle.name}'s own configuration"
        raise _foreign(name, f"{path} is written by {obstacle.name}", f"put this line into {where}: {line}")
    else:
        raise _foreign(
            name, f"{path} is in {obstacle.name}, and our part in sh", f"have it run this, and end as it does: {line}"
        )


def _foreign(name: str, seen: str, *to_try: str) -> Refused:
    return Refused.of(
        "hook-foreign", f"There is a {name} hook that hfpush cannot add its part to.", seen=(seen,), to_try=to_try
    )


def _write(path: Path, text: bytes | None) -> None:
    try:
        if text is None:
            path.unlink()
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.hfpush-new")
        try:
            with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o777), "wb") as file:  # less the umask
                file.write(text)
            if path.exists():
                os.chmod(aside, stat.S_IMODE(path.stat().st_mode))
            os.replace(aside, path)
        except BaseException:
            with suppress(FileNotFoundError):
                aside.unlink()
            raise
    except OSError as error:
        raise disk_trouble(error, path) from error
