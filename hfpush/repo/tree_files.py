"""The files in the tree of a commit, as a stream, and the form in which git streams lists.

Paths are never quoted by git here (`-z`) and may hold any byte but NUL; what is not UTF-8 becomes surrogate escapes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from hfpush.repo.process import Git

_FILE_MODES = ("100644", "100755", "100664")


@dataclass(frozen=True)
class TreeFile:
    """A file in a tree: its blob's id and its path."""

    blob: str
    path: str


def files_of(git: Git, commit: str) -> Iterator[TreeFile]:
    """Every file in the tree of `commit`, by its path. Symbolic links and submodules are left out."""
    with git.running("ls-tree", "-r", "-z", "--full-tree", commit) as tree:
        assert tree.stdout is not None
        for entry in nul_separated(tree.stdout):
            head, _, path = entry.partition(b"\t")
            mode, _, blob = head.decode("ascii").split(" ")
            if mode in _FILE_MODES:
                yield TreeFile(blob, path.decode("utf-8", "surrogateescape"))


def nul_separated(stream: IO[bytes]) -> Iterator[bytes]:
    """The NUL-terminated tokens of a stream, read in blocks."""
    rest = b""
    while block := stream.read(65536):
        *whole, rest = (rest + block).split(b"\0")
        yield from whole
    if rest:
        yield rest
