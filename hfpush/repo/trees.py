"""The tree objects of a set of files: what `git write-tree` makes, without an index. Pure.

git's order is that of bytes, where a folder counts as its name with a slash at the end (git's own tree format).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

_FOLDER = 0o40000


class Leaf(NamedTuple):
    """A file or link of a tree: its path, its mode (0o100644, 0o100755 or 0o120000) and its blob's id."""

    path: str
    mode: int
    id: str


def trees_of(leaves: Iterable[Leaf]) -> tuple[str, Mapping[str, bytes]]:
    """The id of the tree of these files, and all its tree objects, itself included, by id. For a SHA-1 repository.

    No path may stand there twice, nor be a folder of another.
    """
    folders: dict[bytes, list[tuple[bytes, bytes]]] = {b"": []}
    for leaf in leaves:
        folder, _, name = leaf.path.encode("utf-8", "surrogateescape").rpartition(b"/")
        _put(folders, folder, (name, b"%o %b\0%b" % (leaf.mode, name, bytes.fromhex(leaf.id))))
    objects: dict[str, bytes] = {}
    top = ""
    for folder in sorted(folders, key=_depth, reverse=True):
        content = b"".join(entry for _, entry in sorted(folders[folder]))
        top = hashlib.sha1(b"tree %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
        objects[top] = content
        if folder:
            above, _, name = folder.rpartition(b"/")
            folders[above].append((name + b"/", b"%o %b\0%b" % (_FOLDER, name, bytes.fromhex(top))))
    return top, objects


def _put(folders: dict[bytes, list[tuple[bytes, bytes]]], folder: bytes, entry: tuple[bytes, bytes]) -> None:
    known = folders.get(folder)
    if known is not None:
        known.append(entry)
        return
    folders[folder] = [entry]
    while folder:
        folder = folder.rpartition(b"/")[0]
        folders.setdefault(folder, [])


def _depth(folder: bytes) -> int:
    return folder.count(b"/") + 1 if folder else 0
