"""What is true of a small history, found by brute force: the whole tree of every commit, git's own check-attr over
files written into a work tree, every blob read whole. It shares no code with the project."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from support.object_reader import Repo, Tree

_FILES = ("100644", "100755")
_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, order=True)
class Introduction:
    """A commit of the scope that has a blob under a path where none of its parents has it as a file."""

    commit: str
    path: str
    blob: str
    mode: str


@dataclass
class Attributes:
    """Asks git which paths the .gitattributes files of a tree send to LFS, in a work tree of its own below `folder`.

    Answers are kept by the contents of those files. Where such a file begins with a byte order mark, git 2.39 reads
    its first line in a work tree, and loses it in an index, from which a clone is checked out: `marked` says whether
    such a line counts.
    """

    repo: Repo
    folder: Path
    marked: bool = False
    _kept: dict[frozenset[tuple[str, tuple[str, str]]], dict[str, bool]] = field(default_factory=dict)
    _written: list[Path] = field(default_factory=list)

    def lfs(self, tree: Tree, paths: Iterable[str]) -> set[str]:
        """Those of `paths` that go to LFS."""
        rules = {path: entry for path, entry in tree.items() if path.rpartition("/")[2] == ".gitattributes"}
        wanted = set(paths)
        if not rules:
            return set()
        known = self._kept.setdefault(frozenset(rules.items()), {})
        new = [path for path in wanted if path not in known]
        if new:
            known |= self._asked(rules, new)
        return {path for path in wanted if known[path]}

    def _asked(self, rules: Tree, paths: list[str]) -> dict[str, bool]:
        if not self.folder.exists():
            subprocess.run(["git", "init", "-q", "--template=", str(self.folder)], check=True, timeout=60)
        for place in self._written:
            place.unlink()
        self._written.clear()
        for path, (mode, id) in rules.items():
            place = self.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            content = self.repo.body(id, "blob") if mode != "160000" else b""
            if mode == "120000":
                os.symlink(content, os.fsencode(place))
            elif mode in _FILES:
                if content.startswith(_MARK) and not self.marked:
                    content = content.replace(_MARK, b"# ", 1)
                place.write_bytes(content)
            else:
                continue
            self._written.append(place)
        asked = "".join(f"{path}\0" for path in paths).encode("utf-8", "surrogateescape")
        command = ["git", "-C", str(self.folder), "check-attr", "--stdin", "-z", "filter"]
        done = subprocess.run(command, input=asked, capture_output=True, check=True, timeout=60)
        answers = done.stdout.decode("utf-8", "surrogateescape").split("\0")
        return {path: value == "lfs" for path, value in zip(answers[::3], answers[2::3], strict=False)}


@dataclass(frozen=True)
class Truth:
    """What brings which blob in, in the part of a history that `tips` reach and `known` do not.

    `commits` are that part, parents first. `introductions` are in the same order; `odd` are blobs that a tip reaches
    through no commit, by tip, with their paths.
    """

    repo: Repo
    tips: Mapping[str, str]
    commits: tuple[str, ...]
    introductions: tuple[Introduction, ...]
    odd: Mapping[str, frozenset[tuple[str, str]]]

    @property
    def blobs(self) -> set[str]:
        """All blobs that a push of the scope brings."""
        return {one.blob for one in self.introductions} | {blob for found in self.odd.values() for _, blob in found}

    def removers(self, one: Introduction) -> set[str]:
        """The commits after an introduction that take its blob away from its path again: a parent, in the scope and
        after the introduction or itself, has it there, and they have not."""
        after = self.after(one.commit) | {one.commit}
        return {
            commit
            for commit in after
            if not self.holds(commit, one)
            and any(p in after and self.holds(p, one) for p in self.repo.commit(commit).parents)
        }

    def holds(self, commit: str, one: Introduction) -> bool:
        """Whether the commit has the blob, as a file, at the path."""
        mode, id = self.repo.files(commit).get(one.path, ("", ""))
        return mode in _FILES and id == one.blob

    def after(self, commit: str) -> set[str]:
        """The commits of the scope that have `commit` among their ancestors."""
        found: set[str] = set()
        for other in self.commits:  # parents first
            if any(parent == commit or parent in found for parent in self.repo.commit(other).parents):
                found.add(other)
        return found

    def refs_to(self, blob: str) -> set[str]:
        """The tips that reach a commit which brings the blob in, or the blob itself."""
        bringing = {one.commit for one in self.introductions if one.blob == blob}
        return {
            tip
            for tip, id in self.tips.items()
            if bringing.intersection(self.repo.reachable(id))
            or any(blob == other for _, other in self.odd.get(tip, ()))
        }


def truth(repo: Repo, tips: Mapping[str, str], known: Iterable[str]) -> Truth:
    """Read all of it."""
    behind = set(repo.reachable(*known))
    commits = [commit for commit in repo.reachable(*tips.values()) if commit not in behind]
    introductions = [one for commit in commits for one in introduced(repo, commit)]
    odd = {}
    for tip, id in tips.items():
        tree, blob = repo.peeled(id, "tree"), repo.peeled(id, "blob")
        if tree is not None:
            odd[tip] = frozenset((path, entry) for path, (mode, entry) in repo.tree(tree).items() if mode in _FILES)
        elif blob is not None:
            odd[tip] = frozenset({("", blob)})
    return Truth(repo, tips, tuple(commits), tuple(introductions), odd)


def introduced(repo: Repo, commit: str) -> list[Introduction]:
    """What a commit brings in."""
    parents = [repo.files(parent) for parent in repo.commit(commit).parents]
    return [
        Introduction(commit, path, id, mode)
        for path, (mode, id) in sorted(repo.files(commit).items())
        if mode in _FILES
        and not any(parent.get(path, ("",))[0] in _FILES and parent[path][1] == id for parent in parents)
    ]


def is_binary(content: bytes) -> bool:
    """A NUL in the first 8000 bytes, or not UTF-8 (a character that the cut splits is no reason)."""
    head = content[:8000]
    if b"\0" in head:
        return True
    try:
        head.decode()
    except UnicodeDecodeError as error:
        cut = len(content) > 8000 and error.end == len(head) and error.reason == "unexpected end of data"
        return not cut
    return False
