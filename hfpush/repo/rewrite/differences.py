"""What differs between two trees of commits, for many pairs in one process."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hfpush.repo.process import SMALL_WINDOWS, Git
from hfpush.repo.tree_files import nul_separated


@dataclass(frozen=True, slots=True)
class Side:
    """An entry of a tree as git shows it: mode and id, both zeros where there is none."""

    mode: bytes
    id: bytes


Differences = dict[bytes, tuple[Side, Side]]
"""What a path was and is, by path."""


def differences(git: Git, pairs: Iterable[tuple[str, str | None]]) -> Iterator[tuple[str, Differences]]:
    """For each pair of a commit and another one, the id of the first and what it has otherwise than the second; than
    nothing at all where there is no second. In order; one pair is held at a time."""
    what = ("--always", "--root", "--raw", "-r", "-z", "--no-renames", "--full-index", "--ignore-submodules=none")
    command = ("diff-tree", "--stdin", *what)
    with tempfile.TemporaryFile() as wanted:
        for new, old in pairs:
            wanted.write(f"{new} {old}\n".encode() if old is not None else f"{new}\n".encode())
        wanted.seek(0)
        with git.running(*command, stdin=wanted, settings=SMALL_WINDOWS) as process:
            assert process.stdout is not None
            yield from _grouped(nul_separated(process.stdout))


def _grouped(tokens: Iterator[bytes]) -> Iterator[tuple[str, Differences]]:
    commit, found = "", Differences()
    for token in tokens:
        if token.startswith(b":"):
            was_mode, is_mode, was, now, _ = token[1:].split(b" ")
            found[next(tokens)] = Side(was_mode, was), Side(is_mode, now)
            continue
        if commit:
            yield commit, found
        commit, found = token.decode("ascii"), {}
    if commit:
        yield commit, found
