"""A clone whose large files git-lfs sends with our agent, pushes from it, and processes of such a push to be killed."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hfpush.commands.lfs_enable import AgentRequest, enable_agent
from hfpush.localhub import LocalHub

PATIENT = 60.0
REPO = "acme/model"


@dataclass(frozen=True)
class Ended:
    """How a git command ended, and what it said."""

    code: int
    said: str


class AgentWork:
    """A clone of REPO, in a folder of its own. `environment` is that of its git."""

    def __init__(self, folder: Path, hub: LocalHub, *, url: str | None = None, **environment: str) -> None:
        self.hub = hub
        self.folder = folder / "work"
        state = {"HFPUSH_STATE_DIR": str(folder / "state")}
        self.environment = {**os.environ, **state, **environment}
        run(folder, "git", "lfs", "install", "--skip-repo")
        run(folder, "git", "config", "--global", "lfs.locksverify", "false")
        run(folder, "git", "clone", "-q", url or hub.git_url(REPO, token=hub.token), "work")
        self.state = folder / "state"
        enable_agent(AgentRequest(self.folder, self.environment))

    def commit(self, *contents: bytes) -> None:
        """One commit with a large file of each content."""
        for content in contents:
            (self.folder / f"{hashlib.sha256(content).hexdigest()[:8]}.bin").write_bytes(content)
        self.git("add", ".")
        self.git("commit", "-q", "-m", "more")

    def git(self, *words: str) -> str:
        """What a git command says that has to succeed."""
        ended = self.try_git(*words)
        assert ended.code == 0, ended.said
        return ended.said

    def try_git(self, *words: str) -> Ended:
        """How a git command ends."""
        done = subprocess.run(
            ["git", *words],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENT,
            check=False,
        )
        return Ended(done.returncode, done.stdout.decode("utf-8", "replace"))

    def begin_push(self) -> subprocess.Popen[bytes]:
        """A push in the background, which leads a session of its own; what it says is lost."""
        return subprocess.Popen(
            ["git", "push"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def process(self, role: str, push: subprocess.Popen[bytes]) -> int | None:
        """One process of a running push: git itself, git-lfs, or an agent that sends something just now."""
        if role == "git":
            return push.pid
        for pid in self.processes():
            words = command_of(pid)
            if role == "git-lfs" and words[:1] and words[0].endswith("git-lfs") and "pre-push" in words:
                return pid
            if role == "agent" and is_agent(words) and _has_open(pid, ".jsonl"):
                return pid
        return None

    def processes(self) -> list[int]:
        """Every process that runs in this folder."""
        return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if _cwd(pid) == str(self.folder)]

    def agents(self) -> list[int]:
        """Our agents that run in this folder."""
        return [pid for pid in self.processes() if is_agent(command_of(pid))]

    def until(self, happens: Callable[[], object]) -> bool:
        """Wait until something is so, with patience."""
        end = time.monotonic() + PATIENT
        while not happens():
            if time.monotonic() > end:
                return False
            time.sleep(0.005)
        return True


def is_agent(words: list[str]) -> bool:
    """Whether a command line is our agent itself, and not the shell that has started it."""
    return words[-2:] == ["lfs", "agent"]


def command_of(pid: int) -> list[str]:
    """The words of a process's command line; none of one that has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")[:-1]
    except OSError:
        return []


def kill(pid: int) -> None:
    """kill -9, also of what has just ended."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def run(folder: Path, *words: str) -> None:
    """A command that has to succeed."""
    done = subprocess.run(words, cwd=folder, capture_output=True, timeout=PATIENT, check=False)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")


def some_bytes(size: int, seed: int) -> bytes:
    """The same bytes for the same seed."""
    return random.Random(seed).randbytes(size)


def _cwd(pid: int) -> str | None:
    try:
        return os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return None


def _has_open(pid: int, tail: str) -> bool:
    try:
        return any(os.readlink(f"/proc/{pid}/fd/{name}").endswith(tail) for name in os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return False
