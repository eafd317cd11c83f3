"""A work tree with one of our hooks in it, run by a shell of one's choice, and git in it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

HOOKS = Path(__file__).resolve().parents[2] / "hooks"
SECONDS = 60

in_every_shell = pytest.mark.parametrize("shell", ["dash", "bash", "busybox"], indirect=True)
"""For tests of which a quick run, too, wants to know in each shell; the others it runs in dash alone."""


@dataclass(frozen=True)
class Place:
    """A work tree."""

    path: Path

    def git(self, *words: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
        """git there; how it ended is the caller's to look at."""
        return subprocess.run(
            ["git", *words],
            cwd=self.path,
            env={**os.environ, **(env or {})},
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )

    def done(self, *words: str) -> str:
        """What git says; it must end well."""
        ended = self.git(*words)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.decode().strip()

    def write(self, name: str | bytes, content: bytes) -> None:
        """A file, and the folders above it."""
        path = os.path.join(os.fsencode(self.path), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)

    def hook(self, name: str, shell: str) -> Path:
        """Put one of our hooks in, run by this shell."""
        place = self.path / ".git/hooks" / name
        place.parent.mkdir(exist_ok=True)
        text = (HOOKS / name).read_text().removeprefix("#!/bin/sh\n")
        place.write_text(f"#!{shell}\n{text}")
        place.chmod(0o755)
        return place
