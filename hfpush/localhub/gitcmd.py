"""git as a subprocess: a clean environment, a time bound, bytes in and bytes out.

Calls block; a request handler runs them in a thread. What the commands mean is gittree.py's and gitcommit.py's
business. The streaming of pushes and fetches is git_http.py's.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

TIMEOUT_SECONDS = 120.0
"""How long one plumbing command may take before it is killed."""

_PASSED_ON = ("PATH", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "SYSTEMROOT")


class GitFailed(Exception):
    """git said no. `returncode` and `stderr` (text) say how; the message holds the subcommand and git's own words."""

    def __init__(self, command: str, returncode: int, stderr: str) -> None:
        super().__init__(f"git {command} failed with {returncode}: {stderr.strip()[:500]}")
        self.returncode = returncode
        self.stderr = stderr


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment in which git reads no configuration but the repository's own and asks nobody anything."""
    env = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    env |= {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "HOME": os.devnull,
        "XDG_CONFIG_HOME": os.devnull,
        "LC_ALL": "C.UTF-8",
        # The hub's own repositories may belong to another user than the one who runs it (a mounted volume).
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        "GIT_CONFIG_KEY_1": "core.quotePath",
        "GIT_CONFIG_VALUE_1": "false",
    }
    return env | dict(extra or {})


def git(
    repo: Path,
    *arguments: str,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT_SECONDS,
) -> bytes:
    """stdout of `git <arguments>` in the bare repository `repo`.

    Raises GitFailed if git exits with anything but 0, and subprocess.TimeoutExpired (git is dead then) after `timeout`
    seconds.
    """
    done = subprocess.run(
        ["git", f"--git-dir={repo}", *arguments],
        input=stdin,
        capture_output=True,
        env=environment(env),
        timeout=timeout,
        check=False,
    )
    if done.returncode:
        raise GitFailed(arguments[0], done.returncode, done.stderr.decode("utf-8", "replace"))
    return done.stdout


def git_text(repo: Path, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
    """Like `git`, as text without the newline at the end."""
    return git(repo, *arguments, stdin=stdin, env=env).decode("utf-8", "surrogateescape").removesuffix("\n")
