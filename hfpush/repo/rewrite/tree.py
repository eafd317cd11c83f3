"""git's tree objects as bytes: where an entry's id stands, and the same bytes with other ids. Pure.

A tree is a row of `<mode> <name>\\0<id>`, in which the id is binary (20 bytes, or 32 with SHA-256). What is not
replaced stays as it is, byte for byte, also modes in odd spellings.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterator
from dataclasses import dataclass
from functools import cache

FOLDER = b"40000"
LINK = b"120000"


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One entry. `start` is where it begins in the tree's bytes and `at` where its id does."""

    mode: bytes
    name: bytes
    id: bytes
    start: int
    at: int

    @property
    def is_folder(self) -> bool:
        """Whether it is a tree."""
        return self.mode.lstrip(b"0") == FOLDER

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file, executable or not."""
        return self.mode.startswith(b"100")


def entries(
    tree: bytes, id_bytes: int, names: Container[bytes] | None = None, *, also: bytes = b""
) -> Iterator[TreeEntry]:
    """The entries of a tree, in its order; only those of `names`, if given, and the one of the name `also`."""
    for found in _pattern(id_bytes).finditer(tree):
        name = found[2]
        if names is None or name in names or name == also:
            yield TreeEntry(found[1], name, found[3], found.start(), found.start(3))


def replaced(tree: bytes, ids: Collection[tuple[int, bytes]]) -> bytes:
    """The tree with other ids at those places."""
    new = bytearray(tree)
    for at, id in ids:
        new[at : at + len(id)] = id
    return bytes(new)


def with_file(tree: bytes, name: bytes, id: bytes) -> bytes:
    """The tree with a regular file of that name and id, in the place of the file or link of that name, if there is one.

    git sorts entries by name, folders as if a slash stood at their end.
    """
    new = b"100644 %b\0%b" % (name, id)
    for entry in entries(tree, len(id)):
        if entry.name == name:
            return tree[: entry.start] + new + tree[entry.at + len(id) :]
        if entry.name + (b"/" if entry.is_folder else b"") > name:
            return tree[: entry.start] + new + tree[entry.start :]
    return tree + new


@cache
def _pattern(id_bytes: int) -> re.Pattern[bytes]:
    return re.compile(rb"([0-7]+) ([^\0]+)\0(.{%d})" % id_bytes, re.DOTALL)
