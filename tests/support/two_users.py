"""People of one group on one machine: programs that run under an unprivileged uid of their own.

Each runs in a mount name space of its own, in which the folders on the way to the interpreter and to the source may be
entered by everybody: they are often in root's home. Nothing of it is seen outside, and nothing is left behind.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import hfpush

GROUP = 41000
"""The group that they have in common; nobody's elsewhere, one hopes."""
_NEEDED = (sys.base_prefix, sys.prefix, str(Path(hfpush.__file__).resolve().parents[1]))


@dataclass(frozen=True)
class Person:
    """A user id of the group, whose new files get the rights that `umask` leaves."""

    uid: int
    umask: int = 0o022

    def command(self, words: Sequence[str]) -> list[str]:
        """The command that runs `words` as this person."""
        drop = ["setpriv", f"--reuid={self.uid}", f"--regid={GROUP}", "--clear-groups", "--no-new-privs", *words]
        script = f"set -e; {_open_ways()}umask {self.umask:03o}; exec {shlex.join(drop)}"
        return ["unshare", "--mount", "sh", "-c", script]


@cache
def why_not() -> str | None:
    """Why nobody can be somebody else here; None when it can be done."""
    if os.geteuid() != 0:
        return "only root can run programs as two users"
    lacking = [name for name in ("unshare", "setpriv", "mount") if shutil.which(name) is None]
    if lacking:
        return f"lacks {', '.join(lacking)}"
    words = Person(41001).command([sys.executable, "-c", "import hfpush, os; print(os.getuid(), os.getgid())"])
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    return None if done.stdout.split() == ["41001", str(GROUP)] else f"cannot be another user: {done.stderr[-300:]}"


def _open_ways() -> str:
    """Shell commands that put open folders in place of closed ones, with nothing in them but what is needed."""
    behind: dict[Path, list[Path]] = {}
    for place in dict.fromkeys(Path(name).resolve() for name in _NEEDED):
        closed = next((folder for folder in (*reversed(place.parents), place) if not folder.stat().st_mode & 1), None)
        if closed is not None:
            behind.setdefault(closed, []).append(place)
    lines = []
    for closed, places in behind.items():
        aside = [f"/proc/self/fd/{number}" for number in range(7, 7 + len(places))]
        opened = [f"exec {number}<{shlex.quote(str(place))}; " for number, place in enumerate(places, 7)]
        lines += [*opened, f"mount -t tmpfs -o mode=755 tmpfs {shlex.quote(str(closed))}; "]
        for source, place in zip(aside, places, strict=True):
            quoted = shlex.quote(str(place))
            lines.append(f"mkdir -p {quoted}; mount --no-canonicalize --bind {source} {quoted}; ")
    return "".join(lines)
