"""The settings that make git-lfs start a transfer agent, in one configuration file: read, written, put back.

    [lfs "customtransfer.multipart"]
        path = <hfpush>
        args = lfs agent || ...                 git-lfs hands both to sh; what follows says how to repair it
        concurrent = true
        direction = both
    [hfpush-replaced "customtransfer.multipart"]
        path = hf                               what stood there before, for `put_back`

The name `multipart` is what the Hub answers with, so there can be one agent only. Which file it is, and whether it may
be changed, is the caller's decision.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hfpush.lfs.agent import refusal
from hfpush.repo.process import Git, GitFailed

KEYS = ("args", "concurrent", "direction", "path")
"""In the order in which they are set: the path says that there is an agent."""
_SECTION, _REPLACED = "lfs.customtransfer.multipart", "hfpush-replaced.customtransfer.multipart"
_WORDS = "lfs agent"
_NOT_STARTED = 127


@dataclass(frozen=True)
class Registered:
    """An agent that git-lfs would start: its program and arguments, and the file that says so (empty: none does)."""

    path: str
    args: str
    file: str

    @property
    def ours(self) -> bool:
        """Whether it is hfpush, wherever that lies."""
        return self.args == _WORDS or self.args.startswith((f"{_WORDS} ", f"-I -m hfpush {_WORDS}"))

    @property
    def theirs(self) -> bool:
        """Whether it is the agent of huggingface_hub: sequential, without retries, and often gone."""
        return self.args.split()[:1] == ["lfs-multipart-upload"]


def our_values(command: list[str], repair: str) -> dict[str, str]:
    """The values of our agent; `command` runs hfpush, `repair` is the command that sets all this anew.

    Where the program is gone, because its environment was moved or removed, the shell tries the hfpush of PATH, and
    then tells git-lfs what to do, which otherwise would say nothing but EOF.
    """
    said = refusal(_NOT_STARTED, f"hfpush is no longer at {command[0]}. Install it again, then run: {repair}")
    gone = f"read -r line; printf '%s\\n' {shlex.quote(said.decode().strip())}"
    other = f"hfpush {_WORDS} || case $? in 12[67]) {gone};; esac"
    words = shlex.join([*command[1:], *_WORDS.split()])
    args = f"{words} || case $? in 12[67]) {other};; esac"
    return {"path": command[0], "args": args, "concurrent": "true", "direction": "both"}


def in_force(git: Git) -> Registered | None:
    """What git-lfs, there, would start; None for nothing."""
    path, file = _effective(git, "path")
    return None if path is None else Registered(path, _effective(git, "args")[0] or "", file)


def values(git: Git, file: Path) -> dict[str, str]:
    """The agent's values in that file itself, by key."""
    return _listed(git, file, _SECTION)


def put(git: Git, file: Path, wanted: Mapping[str, str]) -> None:
    """Make the file have these values; those that stood there, and are not ours, are kept aside."""
    found = values(git, file)
    if found and not _are_ours(found):
        _unset(git, file, _REPLACED)
        for key, value in found.items():
            _config(git, file, "--replace-all", f"{_REPLACED}.{key}", value)
    for key in KEYS:
        if found.get(key) != wanted[key]:
            _config(git, file, "--replace-all", f"{_SECTION}.{key}", wanted[key])


def put_back(git: Git, file: Path) -> bool:
    """Take our agent out of the file, and put back what was kept aside; whether there was anything to do."""
    kept, found = _listed(git, file, _REPLACED), values(git, file)
    ours = bool(found) and _are_ours(found)
    if not ours and not kept:
        return False
    if ours:
        _unset(git, file, _SECTION)
    for key in KEYS:
        if key in kept and (ours or not found):
            _config(git, file, "--replace-all", f"{_SECTION}.{key}", kept[key])
    _unset(git, file, _REPLACED)
    return True


def _are_ours(found: Mapping[str, str]) -> bool:
    return Registered(found.get("path", ""), found.get("args", ""), "").ours


def _effective(git: Git, key: str) -> tuple[str | None, str]:
    try:
        answer = git.read("config", "-z", "--includes", "--show-origin", "--get", f"{_SECTION}.{key}")
    except GitFailed as failed:
        if failed.returncode == 1:
            return None, ""
        raise
    where, _, value = answer.decode("utf-8", "surrogateescape").partition("\0")
    return value.removesuffix("\0"), where.removeprefix("file:") if where.startswith("file:") else ""


def _listed(git: Git, file: Path, section: str) -> dict[str, str]:
    if not file.is_file():
        return {}
    listed = git.read("config", "-z", "--no-includes", "--file", str(file), "--list")
    found: dict[str, str] = {}
    for entry in filter(None, listed.decode("utf-8", "surrogateescape").split("\0")):
        name, _, value = entry.partition("\n")
        before, _, key = name.rpartition(".")
        if before == section and key in KEYS:
            found[key] = value
    return found


def _unset(git: Git, file: Path, section: str) -> None:
    for key in _listed(git, file, section):
        _config(git, file, "--unset-all", f"{section}.{key}")


def _config(git: Git, file: Path, *arguments: str) -> None:
    git.read("config", "--file", str(file), *arguments)
