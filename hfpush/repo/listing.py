"""Which files of a folder are published: those that git would add, and what is wrong with some.

git itself lists them, so `.gitignore` means what it means to git. Left out, wherever they are: `.git`, the cache folder
of huggingface_hub, and what a killed run of ours left behind. Files of a repository inside the folder are published
like others, without its history, as huggingface_hub does it.
"""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hfpush.findings import Finding
from hfpush.repo.process import Git, GitFailed
from hfpush.repo.rules import path_problem, shown

LEFTOVER = ".hfpush-new-"
"""How the names of our temporary files and folders begin, at the top of the folder."""
EXCLUDED = ("**/.cache/huggingface/", f"/{LEFTOVER}*")
_SHOWN = 20


@dataclass(frozen=True)
class Entry:
    """A file or symbolic link of the folder: its path in it, and what the file system said when it was listed."""

    path: str
    status: os.stat_result

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return stat.S_ISLNK(self.status.st_mode)

    @property
    def size(self) -> int:
        """In bytes."""
        return self.status.st_size


@dataclass(frozen=True)
class Listing:
    """The files to be published, in order of their paths, and why some cannot be."""

    entries: tuple[Entry, ...]
    findings: tuple[Finding, ...]


def list_folder(folder: Path, git_dir: Path) -> Listing:
    """The files of a folder by the rules of `git_dir` (its own repository, or a scratch one). Writes nothing."""
    entries: list[Entry] = []
    trouble: dict[str, list[str]] = defaultdict(list)
    for path in sorted(_paths(folder, git_dir)):
        place = folder / path
        try:
            entry = Entry(path, place.lstat())
        except OSError:
            continue  # removed a moment ago
        kind = _problem(folder, entry)
        if kind is None:
            entries.append(entry)
        else:
            trouble[kind[0]].append(kind[1])
    return Listing(tuple(entries), tuple(_finding(reference, lines) for reference, lines in sorted(trouble.items())))


def _paths(folder: Path, git_dir: Path) -> set[str]:
    found, nested = set(), []
    for path in _ls_files(folder, git_dir):
        if path.endswith("/"):
            nested.append(path)
        else:
            found.add(path)
    for path in nested:
        below = [path + name for name in _paths(folder / path, git_dir)]
        found |= set(below) - _ignored(folder, git_dir, below)
    return found


def _ls_files(folder: Path, git_dir: Path) -> list[str]:
    git = Git(folder, git_dir, folder, git_dir / "no-index")
    excluded = [f"--exclude={pattern}" for pattern in EXCLUDED]
    listing = git.read("ls-files", "-z", "--others", "--exclude-standard", *excluded)
    return [name for name in listing.decode("utf-8", "surrogateescape").split("\0") if name]


def _ignored(folder: Path, git_dir: Path, paths: Sequence[str]) -> set[str]:
    asked = b"".join(path.encode("utf-8", "surrogateescape") + b"\0" for path in paths)
    git = Git(folder, git_dir, folder, git_dir / "no-index")
    try:
        answer = git.read("check-ignore", "--no-index", "-z", "--stdin", stdin=asked)
    except GitFailed as none:
        if none.returncode == 1:
            return set()
        raise
    return set(answer.decode("utf-8", "surrogateescape").split("\0"))


def _problem(folder: Path, entry: Entry) -> tuple[str, str] | None:
    """The reference of what is wrong with an entry and a line about it; None when it can be published."""
    why = path_problem(entry.path)
    if why is not None:
        return "name-unusable", f"{shown(entry.path)}: {why}"
    place = folder / entry.path
    if entry.is_link:
        target = os.readlink(place)
        if _leaves(folder, place, target):
            return "link-leaves-folder", f"{shown(entry.path)} -> {shown(target)}"
    elif not os.access(place, os.R_OK):
        return "file-unreadable", shown(entry.path)
    return None


def _leaves(folder: Path, link: Path, target: str) -> bool:
    if os.path.isabs(target):
        return True
    return not Path(os.path.realpath(link.parent / target)).is_relative_to(folder)


_WORDS = {
    "name-unusable": (
        "files have names that the Hub, or git, cannot hold.",
        "rename them, or name them in .gitignore",
    ),
    "link-leaves-folder": (
        "symbolic links lead out of the folder, so that nobody else could follow them.",
        "copy what they lead to into the folder (cp --dereference), or name them in .gitignore",
    ),
    "file-unreadable": (
        "files cannot be read.",
        "give yourself read rights on them, or name them in .gitignore",
    ),
}


def _finding(reference: str, lines: Iterable[str]) -> Finding:
    everything = list(lines)
    seen = everything[:_SHOWN]
    if len(everything) > _SHOWN:
        seen.append(f"and {len(everything) - _SHOWN:,} more")
    message, remedy = _WORDS[reference]
    return Finding(reference, f"{len(everything):,} {message}", evidence=tuple(seen), remedy=(remedy,))
