"""Everything a user can see of a repository: refs, HEAD, index, status, files. Two of them are equal or not."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

_STATUS = ("--no-optional-locks", "status", "--porcelain", "-z", "-uall", "--ignore-submodules=none")


@dataclass(frozen=True)
class Surroundings:
    """One look at a repository. `files` are those of the work tree with mode and bytes (a link's target)."""

    refs: dict[str, str]
    head: str
    index: str
    status: str
    files: dict[str, tuple[int, bytes]] = field(repr=False)


def look(root: Path) -> Surroundings:
    """Look at the repository in `root`. No filter runs: a file that would be smudged counts as what it is on disk."""
    git_dir = root / ".git" if (root / ".git").exists() else root
    return Surroundings(
        refs_of(root),
        (git_dir / "HEAD").read_text(),
        "" if git_dir == root else said(root, "ls-files", "--stage", "-z"),
        "" if git_dir == root else said(root, *_STATUS),
        {} if git_dir == root else _files(root),
    )


def refs_of(root: Path, *under: str) -> dict[str, str]:
    """Each ref, below some prefixes if any are given, with the id that it holds; no symbolic ones."""
    lines = said(root, "for-each-ref", "--format=%(refname) %(objectname) %(symref)", *under).splitlines()
    return {name: id for name, id, symbolic in (line.split(" ") for line in lines) if not symbolic}


def said(root: Path, *words: str) -> str:
    """What git prints; it must end well."""
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, check=True, timeout=60)
    return done.stdout.decode("utf-8", "surrogateescape")


def _files(root: Path) -> dict[str, tuple[int, bytes]]:
    found = {}
    for folder, folders, names in os.walk(root):
        if ".git" in folders:
            folders.remove(".git")
        for name in [*names, *(name for name in folders if (Path(folder) / name).is_symlink())]:
            path = Path(folder) / name
            content = os.fsencode(os.readlink(path)) if path.is_symlink() else path.read_bytes()
            found[str(path.relative_to(root))] = path.lstat().st_mode, content
    return found
