"""Make git-lfs send large files with hfpush, or no longer: `hfpush lfs enable-largefiles` and `disable-largefiles`.

What a person's settings said before is kept in the same file, and put back by the second. A program that is registered
may be removed with the environment that it is installed in: then whoever pushes is told which command repairs it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hfpush.commands.lfs_install import own_command
from hfpush.disk.trouble import disk_trouble
from hfpush.errors import LocalTrouble
from hfpush.findings import Finding
from hfpush.lfs.agent import ready
from hfpush.repo import agent_settings
from hfpush.repo.agent_settings import Registered
from hfpush.repo.process import Git
from hfpush.repo.repository import Repository, existing_folder, has_repository

Done = Literal["enabled", "unchanged", "disabled"]
_START_SECONDS = 60.0
_HELLO = b'{"event":"init","operation":"upload","remote":"origin"}\n{"event":"terminate"}\n'
_TRUE = ("true", "yes", "on", "1")


@dataclass(frozen=True)
class AgentRequest:
    """Where the agent is to be: in the repository that `path` is in, or (`everywhere`) in all of this user's.
    `environment` says where the user's settings are."""

    path: Path
    environment: Mapping[str, str]
    everywhere: bool = False


@dataclass(frozen=True)
class AgentReport:
    """What was done, in which `file` of settings; `program` is what git-lfs starts for large files now, None for
    nothing."""

    done: Done
    file: Path
    program: str | None
    findings: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The report as plain values."""
        return {
            "done": self.done,
            "file": str(self.file),
            "program": self.program,
            "findings": [one.as_json() for one in self.findings],
        }


@dataclass(frozen=True)
class AgentStatus:
    """Who sends large files for git-lfs: `agent` is hfpush, huggingface_hub, another or none, by `program` in `file`.
    `repair` is the command to run where that program is not there."""

    agent: Literal["hfpush", "huggingface_hub", "another", "none"]
    program: str | None = None
    file: str | None = None
    repair: str | None = None

    def as_json(self) -> dict[str, object]:
        """The status as plain values."""
        return dict(self.__dict__)


def enable_agent(request: AgentRequest) -> AgentReport:
    """Make git-lfs start hfpush for large files. May be done twice.

    What stood there before is named in a finding (`lfs-agent-replaced`). Raises LocalTrouble when git-lfs would not be
    able to start it (`agent-unstartable`) or the settings cannot be written, Misuse for a path in no repository.
    """
    file, git = _target(request)
    before = agent_settings.values(git, file)
    wanted = agent_settings.our_values(own_command(), repair_command(None if request.everywhere else request.path))
    findings: list[Finding] = []
    if before != wanted:
        _check_starts(wanted, git)
        findings += _replaced(before, git)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise disk_trouble(error, file) from error
        agent_settings.put(git, file, wanted)
    findings += _in_the_way(git, wanted, request)
    now = agent_settings.in_force(git)
    return AgentReport("unchanged" if before == wanted else "enabled", file, _program(now), tuple(findings))


def disable_agent(request: AgentRequest) -> AgentReport:
    """Take back what `enable_agent` did; what stood there before stands there again. May be done twice."""
    file, git = _target(request)
    changed = agent_settings.put_back(git, file)
    now = agent_settings.in_force(git)
    return AgentReport("disabled" if changed else "unchanged", file, _program(now))


def agent_status(path: Path) -> AgentStatus:
    """Who sends large files at `path`. Raises Misuse for a missing path."""
    inside = _git_around(path)
    git = inside or Git(path)
    now = agent_settings.in_force(git)
    if now is None:
        return AgentStatus("none")
    gone = _is_gone(now.path, git)
    kind: Literal["hfpush", "huggingface_hub", "another"] = "another"
    if now.ours:
        kind = "hfpush"
    elif now.theirs:
        kind = "huggingface_hub"
    return AgentStatus(
        kind, _program(now), now.file or None, repair_command(path if inside is not None else None) if gone else None
    )


def repair_command(path: Path | None) -> str:
    """The command that sets everything anew: for one repository, or (None) for all of the user's."""
    words = ["hfpush", "lfs", "enable-largefiles"]
    return shlex.join([*words, "--global"] if path is None else [*words, str(path.absolute())])


def _target(request: AgentRequest) -> tuple[Path, Git]:
    """The file that is to have the settings, and git where they are to hold."""
    if not request.everywhere:
        repository = Repository.around(request.path)
        return repository.common_dir / "config", repository.git
    chosen = request.environment.get("GIT_CONFIG_GLOBAL")
    file = Path(chosen) if chosen else Path(request.environment.get("HOME") or Path.home()) / ".gitconfig"
    return file, Git(Path(file.absolute().anchor))


def _check_starts(wanted: Mapping[str, str], git: Git) -> None:
    """Start it as git-lfs will, with nothing to do."""
    line = f"{shlex.quote(wanted['path'])} {wanted['args']}"
    try:
        done = subprocess.run(
            ["sh", "-c", line],
            cwd=git.directory,
            input=_HELLO,
            capture_output=True,
            timeout=_START_SECONDS,
            check=False,
        )
        said = (done.stdout + done.stderr).decode("utf-8", "replace").strip()
        why = "" if done.stdout == ready() else said[-300:] or "it said nothing"
    except (OSError, subprocess.TimeoutExpired) as error:
        why = str(error)
    if why:
        raise LocalTrouble.of(
            "agent-unstartable",
            "git-lfs would not be able to start hfpush for large files.",
            seen=(f"{wanted['path']}: {why}",),
            to_try=("install hfpush with pip or pipx, and run the installed program: hfpush lfs enable-largefiles",),
        )


def _git_around(path: Path) -> Git | None:
    """git in the repository that `path` is in; None where there is none. Raises Misuse for a missing path."""
    place = existing_folder(path)
    inside = any(has_repository(folder) for folder in (place, *place.parents))
    return Repository.around(place).git if inside else None


def _program(now: Registered | None) -> str | None:
    """What git-lfs starts, for people: without the shell's words about a program that is gone."""
    return None if now is None else f"{now.path} {now.args.partition(' || ')[0]}".strip()


def _is_gone(program: str, git: Git) -> bool:
    """Whether git-lfs, which starts programs in the work tree, would not find this one."""
    place = os.path.join(git.directory, program) if os.sep in program else program
    return shutil.which(place) is None


def _replaced(before: Mapping[str, str], git: Git) -> list[Finding]:
    was = Registered(before.get("path", ""), before.get("args", ""), "")
    if not before or (was.ours and not _is_gone(was.path, git)):
        return []
    why = "which is not there" if _is_gone(was.path, git) else "kept for hfpush lfs disable-largefiles"
    return [
        Finding(
            "lfs-agent-replaced",
            "Another agent for large files was registered; hfpush has taken its place.",
            (f"it was: {_program(was)}, {why}",),
            severity="note",
        )
    ]


def _in_the_way(git: Git, wanted: Mapping[str, str], request: AgentRequest) -> list[Finding]:
    """Other settings that keep git-lfs from starting what is registered, in the repository around the path."""
    found = []
    here = _git_around(request.path) or git
    now = agent_settings.in_force(here)
    if now is None or (now.path, now.args) != (wanted["path"], wanted["args"]):
        seen = "nothing is in force" if now is None else f"{now.file or 'the command line'}: {_program(now)}"
        in_file = "git config --show-origin --get-all lfs.customtransfer.multipart.path, which names the files"
        remedy = (repair_command(request.path), in_file) if request.everywhere else (in_file,)
        message = "Another file of settings overrules the agent that was just registered."
        found.append(Finding("lfs-agent-overruled", message, (seen,), remedy, "warning"))
    basic = here.line("config", "--default", "false", "--get", "lfs.basictransfersonly")
    if basic.lower() in _TRUE:
        flag = "--global" if request.everywhere else "--local"
        found.append(
            Finding(
                "lfs-basic-only",
                "git-lfs is told to start no agents at all, so that large files go in one piece.",
                (f"lfs.basictransfersonly is {basic}",),
                (f"git config {flag} lfs.basictransfersonly false",),
                "warning",
            )
        )
    return found
