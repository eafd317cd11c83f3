"""Staged LFS pointers whose lines are in `.gitattributes` of the work tree and not in the staged one.

`git add` goes by the work tree's file, so it makes a pointer; the commit goes without the line, and whoever clones it
gets the pointer for a file.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from hfpush.repo.attributes import FILE, lfs_paths
from hfpush.repo.objects import ObjectReader
from hfpush.repo.process import Git
from hfpush.repo.repository import Repository

_MOST_BYTES = 10 * 2**20
_PLAIN = ("100644", "100755")


@dataclass(frozen=True)
class Unstaged:
    """`pointers` are the paths that the index alone does not send to LFS; `files` the attribute files to be staged."""

    pointers: tuple[str, ...]
    files: tuple[str, ...]


def unstaged_attributes(repository: Repository, index: Path | None, pointers: Collection[str]) -> Unstaged | None:
    """Which of the staged `pointers` the work tree sends to LFS and the index does not; None where there are none.
    `index` is the index file, None for the repository's own."""
    if repository.root is None:
        return None
    folders = _folders_of(pointers)
    staged = _staged(repository, index, folders)
    present = {**staged, **_present(repository.root, folders)}
    if present == staged:
        return None
    lost = lfs_paths(present, pointers) - lfs_paths(staged, pointers)
    files = [folder for folder in present if present[folder] != staged.get(folder)]
    return Unstaged(tuple(sorted(lost)), tuple(sorted(map(_file, files)))) if lost else None


def _folders_of(paths: Collection[str]) -> set[str]:
    folders = {""}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return folders


def _staged(repository: Repository, index: Path | None, folders: Collection[str]) -> dict[str, bytes]:
    """The attribute files of the index, by folder."""
    git = Git(repository.root or repository.git_dir, repository.git_dir, repository.root, index)
    listed = git.read("ls-files", "--stage", "-z", "--", f":(glob)**/{FILE}").decode("utf-8", "surrogateescape")
    ids = {}
    for token in listed.split("\0"):
        head, _, path = token.partition("\t")
        mode, _, id = head.partition(" ")
        if mode in _PLAIN and path.rpartition("/")[0] in folders:
            ids[path.rpartition("/")[0]] = id.partition(" ")[0]
    if not ids:
        return {}
    with ObjectReader(repository.git, partial=repository.partial) as reader:
        contents = dict(reader.contents(sorted(set(ids.values()))))
    return {folder: contents[id] for folder, id in ids.items() if id in contents}


def _present(root: Path, folders: Collection[str]) -> Mapping[str, bytes]:
    """The attribute files of the work tree, by folder. git follows no link here, and reads no huge one."""
    found = {}
    for folder in folders:
        place = root / folder / FILE
        if place.is_file() and not place.is_symlink() and place.stat().st_size <= _MOST_BYTES:
            found[folder] = place.read_bytes()
    return found


def _file(folder: str) -> str:
    return f"{folder}/{FILE}" if folder else FILE
