"""The settings that make git start a filter for LFS files, in one configuration file: read, written, put back.

    [filter "lfs"]
        process = <hfpush> lfs filter-process
        clean = <hfpush> lfs clean -- %f
        smudge = <hfpush> lfs smudge -- %f
        required = true
    [hfpush-replaced "lfs"]
        process = git-lfs filter-process        what stood there before, for `put_back`

Which file it is, and whether it may be changed, is the caller's decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hfpush.repo.process import Git, GitFailed

KEYS = ("process", "clean", "smudge", "required")
"""In the order in which they are set: a filter that is required before it is there would stop git."""
_FILTER, _REPLACED = "filter.lfs", "hfpush-replaced.lfs"
_TAILS = {"process": "filter-process", "clean": "clean -- %f", "smudge": "smudge -- %f"}


@dataclass(frozen=True)
class InForce:
    """A filter that git would start: its command line, and the file that says so (empty for the command line)."""

    process: str
    file: str


def our_values(program: str) -> dict[str, str]:
    """The values of our filter; `program` is a command line for sh that runs hfpush."""
    return {**{key: f"{program} lfs {tail}" for key, tail in _TAILS.items()}, "required": "true"}


def is_ours(process: str | None) -> bool:
    """Whether the value of `filter.lfs.process` starts hfpush."""
    return process is not None and "hfpush" in process and process.endswith(f" lfs {_TAILS['process']}")


def is_git_lfs(process: str | None) -> bool:
    """Whether the value of `filter.lfs.process` starts git-lfs."""
    return process is not None and "git-lfs" in process and not is_ours(process)


def in_force(git: Git) -> InForce | None:
    """What git itself, there, would start for LFS files; None for nothing."""
    try:
        answer = git.read("config", "-z", "--includes", "--show-origin", "--get", f"{_FILTER}.process")
    except GitFailed as failed:
        if failed.returncode == 1:
            return None
        raise
    where, _, value = answer.decode("utf-8", "surrogateescape").partition("\0")
    return InForce(value.removesuffix("\0"), where.removeprefix("file:") if where.startswith("file:") else "")


def values(git: Git, file: Path) -> dict[str, str]:
    """The filter's values in that file itself, by key."""
    return _section(git, file, _FILTER)


def put(git: Git, file: Path, wanted: Mapping[str, str]) -> None:
    """Make the file have these values; those that stood there, and are not ours, are kept aside."""
    _keep_aside(git, file)
    for key in KEYS:
        if values(git, file).get(key) != wanted[key]:
            _config(git, file, "--replace-all", f"{_FILTER}.{key}", wanted[key])


def clear(git: Git, file: Path) -> None:
    """Take a filter that is not ours out of the file, and keep it aside; without one nothing happens."""
    if _keep_aside(git, file):
        _unset(git, file, _FILTER)


def put_back(git: Git, file: Path) -> bool:
    """Take our filter out of the file, and put back what was kept aside; whether there was anything to do."""
    kept, found = _section(git, file, _REPLACED), values(git, file)
    ours = is_ours(found.get("process"))
    if not ours and not kept:
        return False
    if ours:
        _unset(git, file, _FILTER)
    for key in KEYS:
        if key in kept and (ours or not found):
            _config(git, file, "--replace-all", f"{_FILTER}.{key}", kept[key])
    _unset(git, file, _REPLACED)
    return True


def _keep_aside(git: Git, file: Path) -> bool:
    found = values(git, file)
    if not found or is_ours(found.get("process")):
        return False
    for key, value in found.items():
        _config(git, file, "--replace-all", f"{_REPLACED}.{key}", value)
    return True


def _section(git: Git, file: Path, section: str) -> dict[str, str]:
    if not file.is_file():
        return {}
    try:
        listed = git.read("config", "-z", "--no-includes", "--file", str(file), "--list")
    except GitFailed as failed:
        if failed.returncode == 1:
            return {}
        raise
    found: dict[str, str] = {}
    for entry in filter(None, listed.decode("utf-8", "surrogateescape").split("\0")):
        name, _, value = entry.partition("\n")
        before, _, key = name.rpartition(".")
        if before == section and key in KEYS:
            found[key] = value
    return found


def _unset(git: Git, file: Path, section: str) -> None:
    for key in _section(git, file, section):
        _config(git, file, "--unset-all", f"{section}.{key}")


def _config(git: Git, file: Path, *arguments: str) -> None:
    git.read("config", "--file", str(file), *arguments)
