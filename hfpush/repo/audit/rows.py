"""What `git diff-tree --stdin --raw -r -c -z` says, row by row, as fast as it can be read in Python.

The combined diff is exact: a file of a merge has a row where it differs from every parent. Only files count; symbolic
links and submodules are as good as nothing there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

_FILES = (b"100644", b"100755", b"100664")


class Row(NamedTuple):
    """A path at which a commit differs from all of its parents.

    `blob` is the file there now, empty (as is `mode`) when there is none; `olds` the files that its parents have there.
    `tree` is set instead of `commit` for a file of a tree that a ref names through no commit.
    """

    commit: str
    path: str
    mode: str
    blob: str
    olds: tuple[str, ...]
    tree: str = ""

    @property
    def at(self) -> str:
        """The commit, or the tree, whose attribute files count."""
        return self.commit or self.tree

    @property
    def brings(self) -> bool:
        """Whether it brings a file in that no parent has there."""
        return bool(self.blob) and self.blob not in self.olds


def parse_rows(tokens: Iterable[bytes]) -> Iterator[Row | str]:
    """Each commit as its id, then its rows."""
    commit, header = "", b""
    for token in tokens:
        if header:
            row = _row(commit, header, token)
            header = b""
            if row is not None:
                yield row
        elif token.startswith(b":"):
            header = token
        else:
            commit = token.decode("ascii")
            yield commit


def parse_listing(tokens: Iterable[bytes], tree: str) -> Iterator[Row]:
    """The files of a tree that a ref names through no commit, from `git ls-tree -r -z`."""
    for token in tokens:
        head, _, path = token.partition(b"\t")
        mode, _, blob = head.split(b" ")
        if mode in _FILES:
            yield Row("", path.decode("utf-8", "surrogateescape"), mode.decode("ascii"), blob.decode("ascii"), (), tree)


def _row(commit: str, header: bytes, path: bytes) -> Row | None:
    # ":" per parent, modes of the parents and the result, ids of the parents and the result, letters; spaces between
    parents = 1 if header[1:2] != b":" else len(header) - len(header.lstrip(b":"))
    fields = header[parents:].split(b" ")
    new = parents + 1 + parents
    olds = tuple(fields[parents + 1 + number].decode("ascii") for number in range(parents) if fields[number] in _FILES)
    if fields[parents] in _FILES:
        mode, blob = fields[parents].decode("ascii"), fields[new].decode("ascii")
    elif olds:
        mode, blob = "", ""
    else:
        return None
    return Row(commit, path.decode("utf-8", "surrogateescape"), mode, blob, olds)
