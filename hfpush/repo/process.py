"""git as a child process: a clean environment, bytes in and bytes out, failures as findings.

Libraries that run git can add variables to its environment but never take one away, and keep stderr in a pipe nobody
reads while stdout streams (GitPython's `execute`). Both matter here, so processes are started in this file. What the
commands mean is the other files' business.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from hfpush.disk.trouble import disk_full
from hfpush.errors import LocalTrouble
from hfpush.findings import Finding
from hfpush.net.redact import redact

PROGRAM = "git"
READ_SECONDS = 300.0
"""How long one command whose whole output is read at once may take."""

_NOT_FOR_GIT = {"SSH_ASKPASS", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}  # hooks run in this environment
# What would lead git past the door that it is given, and may hold a password: wrappers that are loaded before a
# program and take its connections, and proxies. How they are reached is our own process's business.
_WRAPPERS = {"LD_PRELOAD", "DYLD_INSERT_LIBRARIES", "DYLD_FORCE_FLAT_NAMESPACE"}
_WRAPPERS_PREFIX = "PROXYCHAINS_"
# Names of the user's own choosing that stay. Every other GIT_ variable (GIT_DIR of a hook that runs us, GIT_TRACE,
# GIT_CONFIG_COUNT, GIT_ASKPASS …) would make git read another repository, other settings, or print secrets.
_KEPT = (
    "GIT_AUTHOR_",
    "GIT_COMMITTER_",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_EXEC_PATH",
    "GIT_HTTP_USER_AGENT",
    "GIT_PROXY_SSL_",
    "GIT_SSL_",
)
# A repository may be hostile: none of its programs runs while we read, and no object is fetched behind our back.
_READING = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
}
READING_SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.quotePath=false",
    "core.bigFileThreshold=1m",
    "color.ui=false",
    "log.showSignature=false",  # it would run gpg.program
)
SMALL_WINDOWS = ("core.packedGitWindowSize=16m", "core.packedGitLimit=64m")
"""Settings for a command that streams large blobs: git maps so much of its packs at a time, and not all of them. Not
for `--batch-all-objects`, which goes back and forth in packs and then takes many times longer."""


class GitFailed(LocalTrouble):
    """git ended with something but 0. `returncode` and `stderr` (text, may hold what a server said) tell how."""

    def __init__(self, finding: Finding, *, returncode: int, stderr: str) -> None:
        super().__init__(finding)
        self.returncode = returncode
        self.stderr = stderr


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The caller's environment without what would redirect git: no GIT_ variable but the user's identity, configuration
    files and TLS files, no preloaded wrapper, no proxy; messages in English, nobody asked anything. `extra` is laid
    over it."""
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in _NOT_FOR_GIT and not _misleads(name) and (not name.startswith("GIT_") or name.startswith(_KEPT))
    }
    env |= {"LC_ALL": "C", "LANGUAGE": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": ""}
    return env | dict(extra or {})


def _misleads(name: str) -> bool:
    return name in _WRAPPERS or name.startswith(_WRAPPERS_PREFIX) or name.lower().endswith("_proxy")


@dataclass(frozen=True)
class Git:
    """git for reading at one place. `directory` is where it runs; `git_dir`, `work_tree` and `index` replace what git
    would find by itself, None leaves the finding to git (never above `directory`)."""

    directory: Path
    git_dir: Path | None = None
    work_tree: Path | None = None
    index: Path | None = None

    def read(self, *arguments: str, stdin: bytes = b"", settings: tuple[str, ...] = ()) -> bytes:
        """stdout of one command. `settings` are further `-c name=value`. Raises GitFailed, and LocalTrouble when git is
        missing or takes more than READ_SECONDS."""
        return self.read_warned(*arguments, stdin=stdin, settings=settings)[0]

    def read_warned(
        self, *arguments: str, stdin: bytes = b"", settings: tuple[str, ...] = ()
    ) -> tuple[bytes, tuple[str, ...]]:
        """Like `read`, with the lines that git wrote on stderr although it ended well: what it left out, say."""
        command = self.command(*arguments, settings=settings)
        try:
            done = subprocess.run(
                command,
                input=stdin,
                capture_output=True,
                cwd=self.directory,
                env=self.env(),
                timeout=READ_SECONDS,
                check=False,
            )
        except FileNotFoundError as absent:
            raise _cannot_start(self.directory) from absent
        except subprocess.TimeoutExpired as late:
            raise LocalTrouble.of(
                "git-hangs", f"git {arguments[0]} did not end within {READ_SECONDS:.0f} s.", seen=(str(self.directory),)
            ) from late
        if done.returncode:
            raise failure(arguments[0], done.returncode, done.stderr)
        return done.stdout, tuple(done.stderr.decode("utf-8", "surrogateescape").split("\n"))

    def line(self, *arguments: str, stdin: bytes = b"", settings: tuple[str, ...] = ()) -> str:
        """Like `read`, as text without the newline at the end; bytes that are not UTF-8 become surrogate escapes."""
        return (
            self.read(*arguments, stdin=stdin, settings=settings).decode("utf-8", "surrogateescape").removesuffix("\n")
        )

    @contextmanager
    def running(
        self, *arguments: str, stdin: IO[bytes] | int = subprocess.DEVNULL, settings: tuple[str, ...] = ()
    ) -> Iterator[subprocess.Popen[bytes]]:
        """One command whose stdout is a pipe.

        At the end of the block, with all of it read, git must have ended well, or GitFailed is raised; when the block
        is left by an exception, git is killed.
        """
        with tempfile.TemporaryFile() as errors:
            try:
                process = subprocess.Popen(
                    self.command(*arguments, settings=settings),
                    stdin=stdin,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    cwd=self.directory,
                    env=self.env(),
                )
            except FileNotFoundError as absent:
                raise _cannot_start(self.directory) from absent
            with process:
                try:
                    yield process
                    _close(process)
                    returncode = process.wait()
                finally:
                    process.kill()
                    _close(process)
            if returncode:
                errors.seek(0)
                raise failure(arguments[0], returncode, errors.read(65536))

    def command(self, *arguments: str, settings: tuple[str, ...] = ()) -> list[str]:
        """The argument vector of a command with the settings for reading."""
        flags = [part for setting in (*READING_SETTINGS, *settings) for part in ("-c", setting)]
        return [PROGRAM, "--no-pager", *flags, *arguments]

    def env(self) -> dict[str, str]:
        """The environment of a command at this place."""
        own = {"GIT_DIR": self.git_dir, "GIT_WORK_TREE": self.work_tree, "GIT_INDEX_FILE": self.index}
        places = {name: str(path) for name, path in own.items() if path is not None}
        return environment(_READING | {"GIT_CEILING_DIRECTORIES": str(self.directory.parent)} | places)


def _close(process: subprocess.Popen[bytes]) -> None:
    # A git that still wants to write ends with an error instead of waiting for ever; what it did not read is of no use.
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()


def failure(command: str, returncode: int, stderr: bytes) -> LocalTrouble:
    """What git's end means: an owner that git does not trust, else GitFailed with git's own last words."""
    text = stderr.decode("utf-8", "replace")
    words = tuple(redact(line) for line in text.splitlines() if line.strip())
    if "dubious ownership" in text:
        return LocalTrouble.of(
            "repo-owner",
            "git does not read this repository, because it belongs to another user.",
            seen=words[:3],
            to_try=("run as the owner", "if you trust it: git config --global --add safe.directory <its path>"),
        )
    if "promisor remote" in text:
        return LocalTrouble.of(
            "repo-partial",
            "This partial clone lacks directories of the history that is to be published.",
            seen=words[-3:],
            to_try=("git fetch --refetch, from where it was cloned, without a filter",),
        )
    if re.search(r"No space left on device|Out of diskspace|Disk quota exceeded", text):
        return disk_full(words[-3:])
    finding = Finding("git-failed", f"git {command} failed with exit code {returncode}.", evidence=words[-5:])
    return GitFailed(finding, returncode=returncode, stderr=text)


def _cannot_start(directory: Path) -> LocalTrouble:
    if not directory.is_dir():
        return LocalTrouble.of("path-gone", "The folder is no longer there.", seen=(str(directory),))
    return LocalTrouble.of(
        "git-missing",
        "git could not be started: there is no such program.",
        seen=(f"program: {PROGRAM}",),
        to_try=("install git, for example: apt install git",),
    )
