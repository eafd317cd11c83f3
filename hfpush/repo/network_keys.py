"""Which keys of a certain kind git's configuration has, for a command that is to run with others.

Unlike everything else that reads a repository, this asks git as the command itself will: with its own GIT_ variables.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from hfpush.repo.process import PROGRAM, READ_SECONDS


def configured_keys(pattern: str, environment: Mapping[str, str], directory: Path) -> tuple[str, ...]:
    """The keys that match, as git writes them, each once: of the system, the user, the repository around `directory`,
    and the command line. None where git is missing or cannot read its configuration: then it does not run either."""
    words = [PROGRAM, "config", "--includes", "--name-only", "-z", "--get-regexp", pattern]
    try:
        done = subprocess.run(
            words,
            cwd=directory,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=READ_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    if done.returncode:
        return ()
    return tuple(dict.fromkeys(filter(None, done.stdout.decode("utf-8", "surrogateescape").split("\0"))))
