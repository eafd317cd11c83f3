"""A walk over the commits of a scope, parents first, that can be taken again: what each of them changes.

The list of commits is kept in a temporary file, not in memory. Nothing is decided here.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from contextlib import ExitStack
from itertools import islice
from types import TracebackType
from typing import IO

from hfpush.repo.audit.contents import unreadable
from hfpush.repo.audit.graph import Graph
from hfpush.repo.audit.peel import Peeled, peeled
from hfpush.repo.audit.rows import Row, parse_listing, parse_rows
from hfpush.repo.objects import ObjectReader
from hfpush.repo.process import Git
from hfpush.repo.scope import Scope
from hfpush.repo.tree_files import nul_separated

_DIFF_TREE = (
    *("diff-tree", "--stdin", "--root", "--raw", "-r", "-c", "-z", "--no-renames", "--full-index"),
    *("--no-ext-diff", "--ignore-submodules=none"),  # or a .gitmodules of the work tree is read, which may be broken
)
_NAMED = 1000  # as many objects as a command line names without any risk
LEAST_PART = 4000
"""Commits; to start git costs as much as to compare some hundred."""
_MOST_PART = 50_000
_AT_ONCE = 2


class Walk:
    """A context manager. `commits` is how many there are, `ends` what each tip of the scope holds in the end."""

    def __init__(self, git: Git, scope: Scope, reader: ObjectReader) -> None:
        self._git = git
        self._scope = scope
        self._stack = ExitStack()
        self.ends: Mapping[str, Peeled] = _ends(scope, reader)
        self.commits = 0
        self._graph: Graph | None = None

    def __enter__(self) -> Walk:
        with ExitStack() as stack:
            self._list = stack.enter_context(tempfile.TemporaryFile())
            self._write_list()
            self._stack = stack.pop_all()
        return self

    def _write_list(self) -> None:
        tips = sorted({end.id for end in self.ends.values() if end.kind == "commit"})
        if not tips:
            return
        with tempfile.TemporaryFile() as wanted:
            wanted.write("".join([*(f"{id}\n" for id in tips), *(f"^{id}\n" for id in self._scope.known)]).encode())
            wanted.seek(0)
            order = ("rev-list", "--stdin", "--topo-order", "--reverse", "--parents")
            with self._git.running(*order, stdin=wanted) as process:
                assert process.stdout is not None
                while block := process.stdout.read(1 << 16):
                    self.commits += block.count(b"\n")
                    self._list.write(block)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def rows(self) -> Iterator[Row | str]:
        """Each commit, parents first, followed by its rows; then the files that tips hold through no commit."""
        self._list.seek(0)  # git reads on from there by itself, and only once it has started
        yield from self._diff(self._list)
        yield from self.odd()

    def rows_about(
        self, blobs: Collection[str], done: Callable[[int], None] | None = None, *, least: int = LEAST_PART
    ) -> Iterator[Row]:
        """The rows alone, in any order, where only those with some blobs are wanted; others may come as well. `done`
        is told how many commits were looked at. Two processes share them, at least `least` commits at a time. The graph
        is made meanwhile.

        Not for a partial clone: git would fetch what it compares.
        """
        some = [f"--find-object={id}" for id in blobs] if len(blobs) <= _NAMED else []
        running: deque[tuple[ExitStack, subprocess.Popen[bytes], int]] = deque()
        looked_at = 0
        with ExitStack() as stack:
            parts = self._parts(least)
            while True:
                for part in islice(parts, _AT_ONCE - len(running)):
                    own = stack.push(ExitStack())
                    running.append((own, self._begun(own, part, some), len(part)))
                if not running:
                    break
                self.graph()
                looked_at += yield from _rest(*running.popleft())
                if done is not None:
                    done(looked_at)
        yield from self.odd()

    def _parts(self, least: int) -> Iterator[list[bytes]]:
        """The list of commits in parts, newest first: a fifth quicker, because packs hold the newest tree whole."""
        self._list.seek(0)
        lines = self._list.readlines()
        rounds = -(-len(lines) // (_MOST_PART * _AT_ONCE)) or 1
        size = max(least, -(-len(lines) // (rounds * _AT_ONCE)))
        while lines:
            part = lines[-size:]
            del lines[-size:]
            part.reverse()
            yield part

    def _begun(self, stack: ExitStack, commits: list[bytes], options: list[str]) -> subprocess.Popen[bytes]:
        with tempfile.TemporaryFile() as listed:
            listed.writelines(commits)
            listed.seek(0)
            return stack.enter_context(self._git.running(*_DIFF_TREE, *options, stdin=listed))

    def _diff(self, commits: IO[bytes]) -> Iterator[Row | str]:
        if self.commits:
            with self._git.running(*_DIFF_TREE, "--always", stdin=commits) as process:
                assert process.stdout is not None
                yield from parse_rows(nul_separated(process.stdout))

    def graph(self) -> Graph:
        """The commits with their parents, in memory."""
        if self._graph is None:
            self._list.seek(0)
            self._graph = Graph.parse(self._list)
        return self._graph

    def odd(self) -> Iterator[Row]:
        """The files that tips hold through no commit: tags of trees and of blobs."""
        for end in dict.fromkeys(self.ends.values()):
            if end.kind == "blob":
                yield Row("", "", "100644", end.id, ())
            elif end.kind == "tree":
                with self._git.running("ls-tree", "-r", "-z", "--full-tree", end.id) as listing:
                    assert listing.stdout is not None
                    yield from parse_listing(nul_separated(listing.stdout), end.id)


def _rest(own: ExitStack, process: subprocess.Popen[bytes], commits: int) -> Generator[Row, None, int]:
    """The rows that a process tells until it ends, and of how many commits it told them."""
    assert process.stdout is not None
    for row in parse_rows(nul_separated(process.stdout)):
        if not isinstance(row, str):
            yield row
    own.close()
    return commits


def _ends(scope: Scope, reader: ObjectReader) -> Mapping[str, Peeled]:
    found = peeled(reader, set(scope.tips.values()))
    gone = [f"{name}: {id}" for name, id in scope.tips.items() if id not in found]
    if gone:
        raise unreadable(*gone[:3])
    return {name: found[id] for name, id in scope.tips.items()}
