"""Every object of a repository read into memory at once and taken apart in Python: for small repositories, and for
looking at what the project's own readers say from another side."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

Tree = dict[str, tuple[str, str]]
"""Whole path (bytes that are not UTF-8 as surrogate escapes) to mode (six digits) and id."""
_FOLDER = "040000"


@dataclass(frozen=True)
class Commit:
    """A commit's parts. `headers` are all header lines but tree and parents, continuation lines included."""

    tree: str
    parents: tuple[str, ...]
    headers: tuple[tuple[bytes, bytes], ...]
    message: bytes


@dataclass
class Repo:
    """What is in the object store of `git_dir` now: `objects` by id, with their type."""

    git_dir: Path
    objects: dict[str, tuple[str, bytes]] = field(repr=False)
    _trees: dict[str, Tree] = field(default_factory=dict, repr=False)
    _commits: dict[str, Commit] = field(default_factory=dict, repr=False)

    def commit(self, id: str) -> Commit:
        """The commit of this id, taken apart."""
        if id not in self._commits:
            self._commits[id] = parse_commit(self.body(id, "commit"))
        return self._commits[id]

    def body(self, id: str, kind: str) -> bytes:
        """The bytes of an object, which must be of this type."""
        found, body = self.objects[id]
        assert found == kind, f"{id} is a {found}"
        return body

    def files(self, commit: str) -> Tree:
        """Everything but folders in the tree of a commit."""
        return self.tree(self.commit(commit).tree)

    def tree(self, id: str) -> Tree:
        """Everything but folders below a tree."""
        if id not in self._trees:
            files: Tree = {}
            for mode, name, entry in self._entries(id):
                if mode == _FOLDER:
                    files |= {f"{name}/{path}": below for path, below in self.tree(entry).items()}
                else:
                    files[name] = mode, entry
            self._trees[id] = files
        return self._trees[id]

    def _entries(self, id: str) -> list[tuple[str, str, str]]:
        body, at, found = self.body(id, "tree"), 0, []
        while at < len(body):
            end = body.index(b"\0", at)
            mode, _, name = body[at:end].partition(b" ")
            at = end + 1 + self._id_bytes
            found.append((mode.decode().zfill(6), name.decode("utf-8", "surrogateescape"), body[end + 1 : at].hex()))
        return found

    @cached_property
    def _id_bytes(self) -> int:
        return len(next(iter(self.objects))) // 2

    def reachable(self, *tips: str) -> list[str]:
        """The commits that ids (of commits, tags, or others) reach, parents before children."""
        found: dict[str, None] = {}
        waiting = [commit for tip in tips if (commit := self.peeled(tip, "commit"))]
        while waiting:
            one = waiting[-1]
            parents = [parent for parent in self.commit(one).parents if parent not in found]
            if parents and one not in found:
                waiting += parents
            else:
                found.setdefault(waiting.pop())
        return list(found)

    def peeled(self, id: str, kind: str) -> str | None:
        """What an id, through tags, comes to, if that is of this type."""
        found, body = self.objects[id]
        while found == "tag":
            id = body.split(b"\n", 1)[0].removeprefix(b"object ").decode()
            found, body = self.objects[id]
        return id if found == kind else None


def read(git_dir: Path) -> Repo:
    """All objects of a repository, reachable or not."""
    command = [
        "git",
        "--git-dir",
        str(git_dir),
        "cat-file",
        "--batch",
        "--batch-all-objects",
        "--unordered",
        "--buffer",
    ]
    data = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
    objects, at = {}, 0
    while at < len(data):
        end = data.index(b"\n", at)
        id, kind, size = data[at:end].decode().split(" ")
        at = end + 1 + int(size) + 1
        objects[id] = kind, data[end + 1 : at - 1]
    return Repo(git_dir, objects)


def parse_commit(body: bytes) -> Commit:
    """The parts of a commit object."""
    head, _, message = body.partition(b"\n\n")
    lines: list[list[bytes]] = []
    for line in head.split(b"\n"):
        if line.startswith(b" "):
            lines[-1].append(line)
        else:
            lines.append([line])
    headers = [b"\n".join(line).partition(b" ")[::2] for line in lines]
    tree = next(value for key, value in headers if key == b"tree").decode()
    parents = tuple(value.decode() for key, value in headers if key == b"parent")
    return Commit(tree, parents, tuple(one for one in headers if one[0] not in (b"tree", b"parent")), message)
