"""Which files of a folder are published: those that git would add, and what is wrong with some.

git itself lists them, so `.gitignore` means what it means to git. Left out, wherever they are: `.git`, the cache folder
of huggingface_hub, and what a killed run of ours left behind. Files of a repository inside the folder are published
like others, without its history, as huggingface_hub does it.
"""

from __future__ import annotations

import os
import re
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
_CLOSED = re.compile(r"warning: could not open directory '(.*)': ")


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
    paths, closed = _paths(folder, git_dir)
    trouble["file-unreadable"] += [shown(path) for path in closed]
    top = os.path.join(folder, "")
    for path in sorted(paths):
        try:
            entry = Entry(path, os.lstat(top + path))
        except OSError:
            continue  # removed a moment ago
        kind = _problem(folder, top + path, entry)
        if kind is None:
            entries.append(entry)
        else:
            trouble[kind[0]].append(kind[1])
    findings = [_finding(reference, lines) for reference, lines in sorted(trouble.items()) if lines]
    return Listing(tuple(entries), tuple(findings))


def _paths(folder: Path, git_dir: Path) -> tuple[set[str], set[str]]:
    """The files' paths, and those of folders that could not be looked into."""
    found, nested = set(), []
    listed, closed = _ls_files(folder, git_dir)
    for path in listed:
        if path.endswith("/"):
            nested.append(path)
        else:
            found.add(path)
    for path in nested:
        inner, shut = _paths(folder / path, git_dir)
        below = [path + name for name in (*inner, *shut)]
        kept = set(below) - _ignored(folder, git_dir, below)
        found |= {name for name in kept if name.removeprefix(path) in inner}
        closed |= {name for name in kept if name.removeprefix(path) in shut}
    return found, closed


def _ls_files(folder: Path, git_dir: Path) -> tuple[list[str], set[str]]:
    git = Git(folder, git_dir, folder, git_dir / "no-index")
    excluded = [f"--exclude={pattern}" for pattern in EXCLUDED]
    listing, warnings = git.read_warned("ls-files", "-z", "--others", "--exclude-standard", *excluded)
    # git only warns of a folder that it cannot open; published without it, its files would be deleted at the Hub.
    closed = {match[1] for match in map(_CLOSED.match, warnings) if match}
    return [name for name in listing.decode("utf-8", "surrogateescape").split("\0") if name], closed


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


def _problem(folder: Path, place: str, entry: Entry) -> tuple[str, str] | None:
    """The reference of what is wrong with an entry and a line about it; None when it can be published."""
    why = path_problem(entry.path)
    if why is not None:
        return "name-unusable", f"{shown(entry.path)}: {why}"
    if entry.is_link:
        target = os.readlink(place)
        if _leaves(folder, place, target):
            return "link-leaves-folder", f"{shown(entry.path)} -> {shown(target)}"
    elif not os.access(place, os.R_OK):
        return "file-unreadable", shown(entry.path)
    return None


def _leaves(folder: Path, link: str, target: str) -> bool:
    if os.path.isabs(target):
        return True
    return not Path(os.path.realpath(os.path.join(os.path.dirname(link), target))).is_relative_to(folder)


_WORDS = {
    "name-unusable": (
        "A file has a name that the Hub, or git, cannot hold.",
        "{count:,} files have names that the Hub, or git, cannot hold.",
        "rename what is named above, or name it in .gitignore",
    ),
    "link-leaves-folder": (
        "A symbolic link leads out of the folder, so that nobody else could follow it.",
        "{count:,} symbolic links lead out of the folder, so that nobody else could follow them.",
        "copy what it leads to into the folder (cp --dereference), or name the link in .gitignore",
    ),
    "file-unreadable": (
        "A file or folder in it cannot be read.",
        "{count:,} files or folders in it cannot be read.",
        "give yourself read rights on what is named above, or name it in .gitignore",
    ),
}


def _finding(reference: str, lines: Iterable[str]) -> Finding:
    everything = list(lines)
    seen = everything[:_SHOWN]
    if len(everything) > _SHOWN:
        seen.append(f"and {len(everything) - _SHOWN:,} more")
    one, several, remedy = _WORDS[reference]
    message = one if len(everything) == 1 else several.format(count=len(everything))
    return Finding(reference, message, evidence=tuple(seen), remedy=(remedy,))
