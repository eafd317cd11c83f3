"""What the publish scenarios share: a repository made with plumbing alone, and the command line in a process."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hfpush.localhub import LocalHub

SECONDS = 60


@dataclass(frozen=True)
class Said:
    """How a run of the command line ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """What it printed with --json."""
        return json.loads(self.out)

    @property
    def reference(self) -> str | None:
        """The finding it ended with, None where it succeeded."""
        error = self.document.get("error")
        return None if error is None else error["reference"]


class CommandLine:
    """Runs `python -m hfpush` against one Hub, with a home of its own."""

    def __init__(self, home: Path, hub: LocalHub, token: str | None = None) -> None:
        self.hub = hub
        self.environment = {
            **os.environ,
            "HF_ENDPOINT": hub.url,
            "HF_TOKEN": hub.token if token is None else token,
            "HFPUSH_STATE_DIR": str(home / "hfpush-state"),
        }

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "hfpush", *arguments]

    def run(self, *arguments: str, **environment: str) -> Said:
        """Run it to its end, which must come within a minute and without a traceback or a secret."""
        done = subprocess.run(
            self.command(*arguments),
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        said = Said(done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in said.out + said.err, said
        for secret in (self.hub.token, "X-Amz-Signature=", "signature="):
            assert secret not in said.out + said.err, said
        return said

    def publish(self, path: Path, *options: str, **environment: str) -> Said:
        """Publish to local/model, as a document."""
        return self.run("publish", str(path), "--to", "local/model", "--json", *options, **environment)


def git(repo: Path, *words: str, stdin: bytes | None = None) -> str:
    done = subprocess.run(["git", *words], cwd=repo, input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def make_repo(path: Path, large: Mapping[str, bytes], small: Mapping[str, bytes] | None = None) -> Path:
    """A repository whose `large` files are pointers with their objects in git-lfs's store; made without git-lfs."""
    path.mkdir()
    git(path, "init", "-q")
    blobs = {".gitattributes": b"*.bin filter=lfs diff=lfs merge=lfs -text\n", **(small or {})}
    for name, content in large.items():
        oid = hashlib.sha256(content).hexdigest()
        store = path / ".git/lfs/objects" / oid[:2] / oid[2:4] / oid
        store.parent.mkdir(parents=True, exist_ok=True)
        store.write_bytes(content)
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"
        blobs[name] = pointer.encode()
    lines = []
    for name, content in blobs.items():
        lines.append(f"100644 {git(path, 'hash-object', '-w', '--stdin', stdin=content)}\t{name}\n")
    git(path, "update-index", "--add", "--index-info", stdin="".join(lines).encode())
    git(path, "commit", "-q", "-m", "files")
    return path


def objects_at(hub: LocalHub) -> set[str]:
    """The object files that the Hub keeps, each of which it verified; also a part of a publish that did not end."""
    folder = hub.config.root / "objects"
    return {file.name for file in folder.rglob("*") if file.is_file() and len(file.name) == 64}
