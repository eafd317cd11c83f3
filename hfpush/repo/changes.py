"""Which blob each commit of a range brings in, and under which path; and what a commit's tree holds.

The combined diff (`-c`) is exact: a blob counts where it differs from every parent, so an ordinary merge brings nothing
and one that changes a file does. Paths are never quoted by git here (`-z`) and may hold any byte but NUL; what is not
UTF-8 becomes surrogate escapes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from hfpush.repo.process import Git

_FILE_MODES = ("100644", "100755", "100664")


@dataclass(frozen=True)
class Change:
    """One file that a commit brings in: its blob's id, its path, and the commit."""

    blob: str
    path: str
    commit: str


@dataclass(frozen=True)
class CommitSeen:
    """A commit of the range; its changes follow."""

    commit: str


def changes_in(git: Git, commit: str, known: Iterable[str]) -> Iterator[CommitSeen | Change]:
    """Each commit reachable from `commit` and from none of `known`, oldest first, with the files that it brings in.

    Every id of `known` must be here. Symbolic links and submodules are left out. Streams: nothing is held but the list
    of commits, which git holds.
    """
    with tempfile.TemporaryFile() as wanted:
        wanted.write("".join([f"{commit}\n", *(f"^{id}\n" for id in known)]).encode())
        wanted.seek(0)
        with git.running("rev-list", "--stdin", "--topo-order", "--reverse", stdin=wanted) as commits:
            assert commits.stdout is not None
            with git.running(*_DIFF_TREE, stdin=commits.stdout) as diff:
                assert diff.stdout is not None
                yield from parse_changes(nul_separated(diff.stdout))


_DIFF_TREE = ("diff-tree", "--stdin", "--always", "--root", "--raw", "-r", "-c", "-z", "--no-renames", "--full-index")


def parse_changes(tokens: Iterable[bytes]) -> Iterator[CommitSeen | Change]:
    """The meaning of `git diff-tree --stdin --always --raw -r -c -z`, token by token."""
    commit = ""
    tokens = iter(tokens)
    for token in tokens:
        if not token.startswith(b":"):
            commit = token.decode("ascii")
            yield CommitSeen(commit)
            continue
        parents = len(token) - len(token.lstrip(b":"))
        fields = token[parents:].decode("ascii").split(" ")
        path = next(tokens)
        if fields[parents] in _FILE_MODES:
            yield Change(fields[2 * parents + 1], _text(path), commit)


def files_of(git: Git, commit: str) -> Iterator[Change]:
    """Every file in the tree of `commit`, as a change of that commit. Symbolic links and submodules are left out."""
    with git.running("ls-tree", "-r", "-z", "--full-tree", commit) as tree:
        assert tree.stdout is not None
        for entry in nul_separated(tree.stdout):
            head, _, path = entry.partition(b"\t")
            mode, _, blob = head.decode("ascii").split(" ")
            if mode in _FILE_MODES:
                yield Change(blob, _text(path), commit)


def nul_separated(stream: IO[bytes]) -> Iterator[bytes]:
    """The NUL-terminated tokens of a stream, read in blocks."""
    rest = b""
    while block := stream.read(65536):
        *whole, rest = (rest + block).split(b"\0")
        yield from whole
    if rest:
        yield rest


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
