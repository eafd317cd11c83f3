"""The command that moves given paths to LFS, for files that the Hub refused although no rule here speaks against them.

Whatever hfpush finds by itself, `hfpush fix` mends. Pure.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from hfpush.repo.rules import MAX_GIT_FILE

_NAMED = 50
# What means something in a pattern or ends one, and what no shell line shows well: any one character stands for it.
_ODD = re.compile(r"[*?\[\]{}\\,\"!#\x00-\x1f\x7f\ud800-\udfff]")


def migrate_command(paths: Sequence[str], branch: str | None) -> str:
    """The shell line that moves `paths` of a branch's history to LFS. Many paths are named by their size instead."""
    if len(set(paths)) > _NAMED:
        which = f"--above={MAX_GIT_FILE // 2**20}MiB"
    else:
        which = "--include=" + ",".join(dict.fromkeys("/" + _ODD.sub("?", path) for path in paths))
    ref = f"--include-ref=refs/heads/{branch or 'publish'}"
    command = shlex.join(["git", "lfs", "migrate", "import", which, ref])
    return command if branch else f"git switch -c publish && {command}"
