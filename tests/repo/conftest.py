"""Real repositories for the tests of hfpush.repo, made with git itself."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

LARGE = 10 * 2**20 + 1


@dataclass(frozen=True)
class Place:
    """A folder in which tests run git and write files."""

    path: Path

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        done = subprocess.run(["git", *arguments], cwd=self.path, input=stdin, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr.decode(errors="replace")
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


def pointer_text(content: bytes) -> bytes:
    """The LFS pointer of a content, written here without the code under test."""
    oid = hashlib.sha256(content).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n".encode()


@pytest.fixture
def new_repo(tmp_path: Path) -> Callable[..., Place]:
    """A function that makes an empty repository below the test's folder; further arguments go to `git init`."""

    def make(name: str = "repo", *arguments: str) -> Place:
        path = tmp_path / name
        path.mkdir()
        place = Place(path)
        place.git("init", "-q", *arguments)
        return place

    return make
