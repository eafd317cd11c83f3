"""Which attribute files each commit has: blob ids by folder, the same value for commits that have the same ones.

Commits are compared with the one that was asked about before, and only where a `.gitattributes` differs is anything
said. So a whole history costs a diff of neighbours, and the order in which it is asked matters for speed alone.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence

from hfpush.repo.objects import ObjectReader
from hfpush.repo.process import Git
from hfpush.repo.tree_files import nul_separated

FILE = b".gitattributes"
_KEPT = 300_000
_FILES = (b"100644", b"100755", b"100664")
_DIFF_TREE = (
    *("diff-tree", "--stdin", "--always", "--root", "--raw", "-r", "-z", "--no-renames", "--full-index"),
    *("--no-ext-diff", "--ignore-submodules=none", "--", f":(glob)**/{FILE.decode()}"),
)

State = tuple[tuple[str, str], ...]
"""Blob of each attribute file by the folder it stands in (`""` for the top, else `a/b`), in order. git follows no link
to attributes, so a symbolic link is none."""


class AttributeStates:
    """Tells the state of commits and of trees. Holds one number per commit that was asked about."""

    def __init__(self, git: Git, reader: ObjectReader) -> None:
        self._git = git
        self._reader = reader
        self._of: dict[str, int] = {}
        self._numbers: dict[State, int] = {}
        self.states: list[State] = []
        """Every state by its number."""
        self._last: str | None = None
        self._last_files: dict[str, str] = {}

    def numbers(self, treeishes: Sequence[str]) -> dict[str, int]:
        """The number of the state of each commit or tree, given by whole id."""
        if len(self._of) > _KEPT:
            self._of.clear()
        new = [id for id in dict.fromkeys(treeishes) if id not in self._of]
        commits = []
        for info in self._reader.info(new):
            if info.type == "commit":
                commits.append(info.id)
            else:
                self._of[info.id] = self.number_of(self._listed(info.id)) if info.type == "tree" else self.number_of({})
        if commits:
            self._compare(commits)
        return {id: self._of[id] for id in treeishes}

    def learn(self, commit: str, number: int) -> None:
        """Says what the state of a commit is, for somebody who knows."""
        self._of[commit] = number

    def number_of(self, files: Mapping[str, str]) -> int:
        """The number of a state that is given as blob by folder."""
        state = tuple(sorted(files.items()))
        if state not in self._numbers:
            self._numbers[state] = len(self.states)
            self.states.append(state)
        return self._numbers[state]

    def _compare(self, commits: Sequence[str]) -> None:
        if self._last is None:
            self._last, commits = commits[0], commits[1:]
            self._last_files = self._listed(self._last)
            self._of[self._last] = self.number_of(self._last_files)
        if not commits:
            return
        files, commit = dict(self._last_files), ""
        number = self._of.get(self._last, self.number_of(files))
        with tempfile.TemporaryFile() as pairs:
            pairs.write(
                "".join(
                    f"{one} {other}\n" for one, other in zip(commits, [self._last, *commits[:-1]], strict=True)
                ).encode()
            )
            pairs.seek(0)
            with self._git.running(*_DIFF_TREE, stdin=pairs) as process:
                assert process.stdout is not None
                tokens = nul_separated(process.stdout)
                for token in tokens:
                    if token.startswith(b":"):
                        _, mode, _, blob, _ = token.split(b" ")
                        folder = _folder(next(tokens))
                        if mode in _FILES:
                            files[folder] = blob.decode("ascii")
                        else:
                            files.pop(folder, None)
                        number = -1
                        continue
                    if commit:
                        number = self._of[commit] = number if number >= 0 else self.number_of(files)
                    commit = token.decode("ascii")
        self._of[commit] = number if number >= 0 else self.number_of(files)
        self._last, self._last_files = commit, files

    def _listed(self, treeish: str) -> dict[str, str]:
        files = {}
        with self._git.running("ls-tree", "-r", "-z", "--full-tree", treeish) as process:
            assert process.stdout is not None
            for token in nul_separated(process.stdout):
                if token.endswith(FILE):
                    head, _, path = token.partition(b"\t")
                    mode, _, blob = head.split(b" ")
                    if mode in _FILES and path.rpartition(b"/")[2] == FILE:
                        files[_folder(path)] = blob.decode("ascii")
        return files


def _folder(path: bytes) -> str:
    return path.rpartition(b"/")[0].decode("utf-8", "surrogateescape")
