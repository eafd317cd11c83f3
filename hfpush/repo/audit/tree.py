"""What the tree at a tip of a history holds: plain facts, no verdict. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

CARD = "README.md"
"""The file that the Hub shows as a repository's card, and whose metadata it checks."""
LINK = "120000"
"""git's mode of a symbolic link."""
FILES = ("100644", "100755", "100664")
"""git's modes of files."""


class TipEntry(NamedTuple):
    """A file, symbolic link or submodule of a tree. `size` in bytes; -1 where the object is not here."""

    path: str
    mode: str
    blob: str
    size: int


@dataclass(frozen=True)
class Tip:
    """The tree of `commit`, at which `refs` stand (full names).

    `attributes` are the contents of its attribute files by folder, `links` its symbolic links' targets by path. `lfs`
    are the paths that its attribute files send to LFS, `by_top` those that the file at the top alone would send there.
    `pointers` are the paths at which an LFS pointer lies, `unknown` those whose content is not here. `card` is the text
    of README.md.
    """

    commit: str
    refs: tuple[str, ...]
    entries: tuple[TipEntry, ...] = field(repr=False)
    attributes: Mapping[str, bytes] = field(repr=False, default_factory=dict)
    links: Mapping[str, str] = field(repr=False, default_factory=dict)
    lfs: frozenset[str] = field(repr=False, default=frozenset())
    by_top: frozenset[str] = field(repr=False, default=frozenset())
    pointers: frozenset[str] = field(repr=False, default=frozenset())
    unknown: frozenset[str] = field(repr=False, default=frozenset())
    card: bytes | None = field(repr=False, default=None)
