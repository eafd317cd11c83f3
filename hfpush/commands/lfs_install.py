"""Make git start hfpush for LFS files, or no longer: `hfpush lfs install`, `uninstall` and `status`.

Where git-lfs is in charge it stays so. What a person's own file of settings said before is kept in it, and put back by
the uninstall.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hfpush.disk.trouble import disk_trouble
from hfpush.errors import LocalTrouble
from hfpush.findings import Finding
from hfpush.repo.filter import wiring
from hfpush.repo.filter.store import store_folders
from hfpush.repo.process import Git
from hfpush.repo.repository import Repository, existing_folder, has_repository

_START_SECONDS = 60.0
_EMPTY_CONFIG = "# Made by hfpush lfs install: with this file here, git lfs install finds its own place.\n"
Done = Literal["installed", "unchanged", "left", "removed"]


@dataclass(frozen=True)
class LfsRequest:
    """What is to be set up: all repositories of this user, or (`local`) the one that `path` is in. `force` takes over
    from git-lfs. `environment` says where the user's settings are."""

    path: Path
    environment: Mapping[str, str]
    local: bool = False
    force: bool = False


@dataclass(frozen=True)
class LfsReport:
    """What was done: `installed`, `unchanged` (it was so already), `left` (git-lfs stays in charge), `removed`.

    `file` is the file of settings, `process` the command line that git starts for LFS files now, None for none.
    """

    done: Done
    file: Path
    process: str | None
    findings: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The report as plain values."""
        return {
            "done": self.done,
            "file": str(self.file),
            "process": self.process,
            "findings": [one.as_json() for one in self.findings],
        }


@dataclass(frozen=True)
class LfsStatus:
    """Who filters LFS files: `filter` is hfpush, git-lfs, another or none, by the line `process` in `file`.

    `git_lfs` is where git-lfs is installed, None if it is not. `store` and `objects` (how many there are) are of the
    repository around the path, None where there is none.
    """

    filter: Literal["hfpush", "git-lfs", "another", "none"]
    process: str | None
    file: str | None
    git_lfs: str | None
    store: Path | None
    objects: int | None

    def as_json(self) -> dict[str, object]:
        """The status as plain values."""
        return {**self.__dict__, "store": None if self.store is None else str(self.store)}


def install_filter(request: LfsRequest) -> LfsReport:
    """Make git start hfpush for LFS files. May be done twice.

    Raises LocalTrouble when git would not be able to start it (`filter-unstartable`) or the settings cannot be
    written, Misuse for a path that is in no repository.
    """
    file, git = _target(request)
    now = wiring.in_force(git)
    program = git_lfs_program(git)
    if program is not None and now is not None and wiring.is_git_lfs(now.process) and not request.force:
        return LfsReport("left", file, now.process, (_in_charge(program),))
    command = own_command()
    wanted = wiring.our_values(shlex.join(command))
    if now is not None and now.process == wanted["process"] and wiring.values(git, file) == wanted:
        return LfsReport("unchanged", file, now.process)
    _check_starts(command, git)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        for other in () if request.local else _users_files(request.environment):
            if other != file:
                _give_way(git, other, file)
    except OSError as error:
        raise disk_trouble(error, file) from error
    wiring.put(git, file, wanted)
    after = wiring.in_force(git)
    findings = () if after is not None and after.process == wanted["process"] else (_overruled(after),)
    return LfsReport("installed", file, None if after is None else after.process, findings)


def uninstall_filter(request: LfsRequest) -> LfsReport:
    """Take back what `install_filter` did; what stood there before stands there again. May be done twice."""
    file, git = _target(request)
    files = [file] if request.local else [*dict.fromkeys((file, *_users_files(request.environment)))]
    changed = [one for one in files if wiring.put_back(git, one)]
    for one in files if changed and len(files) > 1 else ():
        if one.is_file() and not one.is_symlink() and one.read_bytes() in (b"", _EMPTY_CONFIG.encode()):
            one.unlink()
    now = wiring.in_force(git)
    return LfsReport("removed" if changed else "unchanged", file, None if now is None else now.process)


def filter_status(path: Path) -> LfsStatus:
    """Who filters LFS files at `path`, and what the repository there has of them. Raises Misuse for a missing path."""
    place = existing_folder(path)
    inside = any(has_repository(folder) for folder in (place, *place.parents))
    repository = Repository.around(place) if inside else None
    git = repository.git if repository is not None else Git(place)
    now = wiring.in_force(git)
    store, objects = None, None
    if repository is not None:
        store = store_folders(repository.common_dir, repository.setting("lfs.storage"))[0]
        objects = sum(1 for file in store.glob("??/??/*") if len(file.name) == 64)
    return LfsStatus(
        filter=_kind(now),
        process=None if now is None else now.process,
        file=None if now is None else now.file,
        git_lfs=git_lfs_program(git),
        store=store,
        objects=objects,
    )


def own_command() -> list[str]:
    """The words that start this hfpush from anywhere, without anybody's PATH: its script, else this Python.

    Never `python -m hfpush` as it is: git starts filters in the work tree, whose own folder `hfpush` would be run.
    """
    asked = Path(sys.argv[0]).absolute()
    for script in (asked, Path(sysconfig.get_path("scripts")) / "hfpush"):
        if script.name == "hfpush" and script.is_file() and os.access(script, os.X_OK):
            return [str(script)]
    return [sys.executable, "-I", "-m", "hfpush"]


def git_lfs_program(git: Git) -> str | None:
    """Where git-lfs is installed: on PATH, or among git's own programs."""
    return shutil.which("git-lfs") or shutil.which("git-lfs", path=git.line("--exec-path"))


def _target(request: LfsRequest) -> tuple[Path, Git]:
    """The file that is to have the settings, and git where they are to hold."""
    if request.local:
        repository = Repository.around(request.path)
        return repository.common_dir / "config", repository.git
    files = _users_files(request.environment)
    return files[-1], Git(Path(files[-1].anchor))


def _users_files(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """The user's files of settings; ours go into the last.

    Git reads two, and `git config --global` (with which git-lfs looks and writes) speaks of ~/.gitconfig where there is
    one, which overrules the other. So ours go into the other: git-lfs can be installed later, and takes over.
    """
    chosen = environment.get("GIT_CONFIG_GLOBAL")
    if chosen:
        return (Path(chosen),)
    home = Path(environment.get("HOME") or Path.home())
    base = environment.get("XDG_CONFIG_HOME")
    return home / ".gitconfig", (Path(base) if base else home / ".config") / "git/config"


def _give_way(git: Git, other: Path, ours: Path) -> None:
    """Keep the other file from overruling ours; where neither is there, make it, so that git-lfs will write there."""
    if other.exists():
        wiring.clear(git, other)
    elif not ours.exists():
        other.write_text(_EMPTY_CONFIG, "utf-8")


def _check_starts(command: list[str], git: Git) -> None:
    """Start it as git will, with nothing to do."""
    try:
        done = subprocess.run(
            ["sh", "-c", f"{shlex.join(command)} lfs filter-process"],
            cwd=git.directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_START_SECONDS,
            check=False,
        )
        why = "" if done.returncode == 0 else done.stderr.decode("utf-8", "replace").strip()[-300:] or "it failed"
    except (OSError, subprocess.TimeoutExpired) as error:
        why = str(error)
    if why:
        raise LocalTrouble.of(
            "filter-unstartable",
            "Git would not be able to start hfpush for LFS files.",
            seen=(shlex.join(command), why),
            to_try=("install hfpush with pip or pipx, and run the installed program: hfpush lfs install",),
        )


def _kind(now: wiring.InForce | None) -> Literal["hfpush", "git-lfs", "another", "none"]:
    if now is None:
        return "none"
    if wiring.is_ours(now.process):
        return "hfpush"
    return "git-lfs" if wiring.is_git_lfs(now.process) else "another"


def _in_charge(program: str) -> Finding:
    return Finding(
        "git-lfs-in-charge",
        "git-lfs is installed and filters LFS files already; it is left in charge.",
        evidence=(program,),
        remedy=("hfpush lfs install --force, if hfpush is to do it all the same",),
        severity="note",
    )


def _overruled(now: wiring.InForce | None) -> Finding:
    seen = ("nothing is in force",) if now is None else (f"{now.file or 'the command line'}: {now.process}",)
    return Finding(
        "filter-overruled",
        "Another file of settings overrules the filter that was just installed.",
        evidence=seen,
        remedy=("git config --show-origin --get-all filter.lfs.process, which names the files",),
        severity="warning",
    )
