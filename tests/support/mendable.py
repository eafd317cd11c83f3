"""A small repository with files that a fix has to move to LFS, and somebody who watches the fix."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from hfpush.commands.fix_report import FixPlan

BINARY = bytes(range(256)) * 20
LONG_AGO = 10**18
OTHER = bytes(reversed(range(256))) * 30


@dataclass(frozen=True)
class Repo:
    """A repository in which a test runs git and writes files."""

    path: Path

    def git(self, *words: str, stdin: bytes = b"", fails: bool = False) -> str:
        done = subprocess.run(["git", *words], cwd=self.path, input=stdin, capture_output=True, timeout=60, check=False)
        assert fails or done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")

    def write(self, name: str | bytes, content: bytes) -> Path:
        file = self.path / os.fsdecode(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return file

    def commit(self, message: str = "more") -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    @property
    def status(self) -> str:
        return self.git("status", "--porcelain", "-uall")

    def attributes(self, path: str) -> str:
        """What the attribute files say of a path's filter."""
        return self.git("check-attr", "filter", "--", path).rpartition(": ")[2]


def empty(path: Path, *options: str) -> Repo:
    """A repository without any commit."""
    path.mkdir(parents=True)
    repo = Repo(path)
    repo.git("init", "-q", *options)
    return repo


def offending(path: Path, *options: str) -> Repo:
    """Four commits, of which all but the first hold a binary file; two branches and two tags."""
    repo = empty(path, *options)
    repo.write("README.md", b"a model\n")
    repo.commit("first")
    repo.write("weights/w.bin", BINARY)
    repo.commit("binary")
    repo.git("branch", "side")
    repo.git("tag", "v1")
    repo.write("README.md", b"a better model\n")
    repo.write("x.dat", OTHER)
    repo.commit("better")
    repo.git("tag", "-a", "v2", "-m", "annotated")
    repo.write("notes.txt", b"text\n")
    repo.commit("notes")
    _age(repo)
    return repo


def _age(repo: Repo) -> None:
    """Make the files older than anything that is done to them next: git reads those again that are as young as its
    index, and without a filter takes them for modified."""
    for name in repo.git("ls-files").splitlines():
        os.utime(repo.path / name, ns=(LONG_AGO, LONG_AGO))
    repo.git("update-index", "-q", "--refresh")


@dataclass
class Watch:
    """Agrees to everything, unless told not to, and remembers what it saw."""

    answer: bool = True
    plans: list[FixPlan] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)

    def stage(self, text: str) -> None:
        self.stages.append(text)

    def progress(self, what: str, done: int, of: int | None) -> None:
        pass

    def planned(self, plan: FixPlan) -> None:
        self.plans.append(plan)

    def agreed(self, plan: FixPlan) -> bool:
        return self.answer

    def reached(self, step: str) -> None:
        self.steps.append(step)
