"""How drafts are called, and whose they are. Pure but for `myself`, which reads who this process is.

    <content id>.hfpush-draft                             nobody's: whoever renames it to a name of their own has it
    <content id>.<host>-<pid>-<nonce>.hfpush-draft        held by that process

`host` stands for one boot of one machine and one PID name space, so that a PID can be looked up where it means
something: two containers that call themselves by the same name are two hosts.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import socket
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SUFFIX = ".hfpush-draft"
_OWNED = re.compile(r"\.([0-9a-f]{8})-([1-9][0-9]{0,9})-[0-9a-f]{8}", re.ASCII)


@dataclass(frozen=True)
class Owner:
    """A process that holds drafts."""

    host: str
    pid: int


@dataclass(frozen=True)
class Standing:
    """What is known of a draft at the moment.

    `owner_runs` is only looked up for an owner on our own host. `quiet`: somebody watched for a while, and nothing was
    written. `forgotten`: by its time stamp, nothing was written for longer than clocks go wrong.
    """

    owner: Owner | None
    owner_runs: bool = False
    quiet: bool = False
    forgotten: bool = False


def free_name(content_id: str) -> str:
    """The name under which a draft waits for anybody to go on with it."""
    return content_id + SUFFIX


def held_name(content_id: str, owner: Owner) -> str:
    """A new name for a draft of ours; no two are equal."""
    return f"{content_id}.{owner.host}-{owner.pid}-{secrets.token_hex(4)}{SUFFIX}"


def is_draft_of(name: str, content_id: str) -> bool:
    """Whether a file of that name is a draft of this content, held or free."""
    middle = name[len(content_id) : -len(SUFFIX)]
    return (
        name.startswith(content_id) and name.endswith(SUFFIX) and (not middle or _OWNED.fullmatch(middle) is not None)
    )


def owner_of(name: str) -> Owner | None:
    """Who holds the draft of that name; None for a free one."""
    match = _OWNED.search(name)
    return Owner(match[1], int(match[2])) if match else None


def may_take(standing: Standing, me: Owner) -> bool:
    """Whether a draft may be gone on with: nobody's, of a process that has died, or long without a sign of life.

    A lock is no evidence here: a file system may grant every lock to everybody.
    """
    owner = standing.owner
    if owner is None or standing.forgotten:
        return True
    return not standing.owner_runs if owner.host == me.host else standing.quiet


def myself() -> Owner:
    """This process as an owner."""
    return Owner(_host(), os.getpid())


@cache
def _host() -> str:
    boot, space = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
    parts = [socket.gethostname()]
    if boot.exists() and space.is_symlink():  # Linux; elsewhere the name of the host has to do
        parts += [boot.read_text(), os.readlink(space)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8]


def runs(pid: int) -> bool:
    """Whether a process of that id exists on this host."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
