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

from dataclasses import dataclass

from hfpush.repo.config_section import ConfigSection
from hfpush.repo.process import Git

KEYS = ("process", "clean", "smudge", "required")
"""In the order in which they are set: a filter that is required before it is there would stop git."""
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
    process, file = _SECTION.effective(git, "process")
    return None if process is None else InForce(process, file)


_SECTION = ConfigSection("filter.lfs", "hfpush-replaced.lfs", KEYS, lambda found: is_ours(found.get("process")))
values, put, put_back, clear = _SECTION.values, _SECTION.put, _SECTION.put_back, _SECTION.clear
