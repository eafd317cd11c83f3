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

from hfpush.lfs.agent import refusal
from hfpush.repo.config_section import ConfigSection
from hfpush.repo.process import Git

KEYS = ("args", "concurrent", "direction", "path")
"""In the order in which they are set: the path says that there is an agent."""
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
    path, file = _SECTION.effective(git, "path")
    return None if path is None else Registered(path, _SECTION.effective(git, "args")[0] or "", file)


def _are_ours(found: Mapping[str, str]) -> bool:
    return Registered(found.get("path", ""), found.get("args", ""), "").ours


_SECTION = ConfigSection("lfs.customtransfer.multipart", "hfpush-replaced.customtransfer.multipart", KEYS, _are_ours)
values, put, put_back = _SECTION.values, _SECTION.put, _SECTION.put_back
