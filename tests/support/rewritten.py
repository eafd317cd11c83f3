"""Is a rewritten history the old one, with LFS pointers in place of some files and nothing else? Judged from outside.

Both histories are read whole; which commit became which is found by walking from the refs, not taken from the rewriter
(`images`), whose own map is then compared. Nothing here asks how the rewriting is done.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from support.object_reader import Repo, Tree
from support.truth import Attributes, Introduction, truth

_FILES = ("100644", "100755")
_DROPPED = (b"gpgsig", b"gpgsig-sha256", b"mergetag")
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\noid sha256:([0-9a-f]{64})\nsize (0|[1-9][0-9]*)\n"
)
_SIGNED = re.compile(rb"^-----BEGIN [A-Z ]*SIGN[A-Z ]*-----$.*", re.MULTILINE | re.DOTALL)


@dataclass
class Rewriting:
    """Two states of one repository: `repo` holds the objects of both, `store` is the folder of LFS objects, `scratch` a
    folder to work in. `old` and `new` are the refs (name to id) before and after, `known` the ids that were not to be
    touched. `may_stay` are paths with blobs that no rewrite can mend."""

    repo: Repo
    store: Path
    scratch: Path
    old: Mapping[str, str]
    new: Mapping[str, str]
    known: Collection[str] = ()
    may_stay: Collection[tuple[str, str]] = ()
    problems: list[str] = field(default_factory=list)
    images: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.attributes = Attributes(self.repo, self.scratch)

    def judge(self, offends: Callable[[Introduction], bool]) -> list[str]:
        """Everything that is wrong, as lines. `offends` says of a file that it had to go."""
        self._walk_refs()
        for old, new in self.images.items():
            if old != new:
                self._compare_commits(old, new)
                self._compare_trees(old, self.repo.files(old), self.repo.files(new))
        self._look_for_what_had_to_go(offends)
        return self.problems

    def _wrong(self, what: str) -> None:
        self.problems.append(what)

    # ------------------------------------------------------------------ refs and commits

    def _walk_refs(self) -> None:
        if set(self.old) != set(self.new):
            self._wrong(f"refs came or went: {sorted(set(self.old) ^ set(self.new))}")
        waiting: list[tuple[str, str]] = []
        for name in self.old.keys() & self.new.keys():
            waiting += self._through_tags(name, self.old[name], self.new[name])
        while waiting:
            old, new = waiting.pop()
            if self.images.setdefault(old, new) != new:
                self._wrong(f"commit {old} became both {new} and {self.images[old]}")
                continue
            if old == new:
                continue
            before, after = self.repo.commit(old).parents, self.repo.commit(new).parents
            if len(before) != len(after):
                self._wrong(f"commit {old} had {len(before)} parents and has {len(after)}")
            waiting += [pair for pair in zip(before, after, strict=False) if pair not in self.images.items()]
        for id in self.repo.reachable(*self.known):
            if self.images.get(id, id) != id:
                self._wrong(f"commit {id} was to be left alone")

    def _through_tags(self, name: str, old: str, new: str) -> Iterator[tuple[str, str]]:
        (kind, before), (other, after) = self.repo.objects[old], self.repo.objects[new]
        if kind != other:
            self._wrong(f"{name} was a {kind} and is a {other}")
        elif kind == "commit":
            yield old, new
        elif kind != "tag":
            if old != new:
                self._wrong(f"{name}: a {kind} became another one")
        else:
            first, rest = (text.partition(b"\n")[::2] for text in (before, after))
            if old != new and first[0] == rest[0]:
                self._wrong(f"{name} got a new id, although what it names has not changed")
            if old != new and _SIGNED.sub(b"", first[1]) != rest[1]:
                self._wrong(f"{name} changed: {first[1]!r} became {rest[1]!r}")
            yield from self._through_tags(name, *(text[0].split(b" ")[1].decode() for text in (first, rest)))

    def _compare_commits(self, old: str, new: str) -> None:
        before, after = self.repo.commit(old), self.repo.commit(new)
        if before.message != after.message:
            self._wrong(f"commit {old}: the message changed")
        if tuple(one for one in before.headers if one[0] not in _DROPPED) != after.headers:
            self._wrong(f"commit {old}: headers changed: {before.headers} became {after.headers}")
        same_parents = all(self.images.get(one) == one for one in before.parents)
        if same_parents and before.tree == after.tree:
            self._wrong(f"commit {old} got a new id for nothing")

    # ------------------------------------------------------------------ trees

    def _compare_trees(self, commit: str, old: Tree, new: Tree) -> None:
        raw, pointers = [], []
        for path in sorted(old.keys() | new.keys()):
            if path.rpartition("/")[2] == ".gitattributes":
                self._compare_attributes(commit, path, old.get(path), new.get(path))
            elif path not in new or path not in old or old[path][0] != new[path][0]:
                self._wrong(f"{commit} {path!r}: {old.get(path)} became {new.get(path)}")
            elif old[path][0] not in _FILES:
                if old[path] != new[path]:
                    self._wrong(f"{commit} {path!r}: a link changed")
            elif old[path] == new[path]:
                raw.append(path)
            else:
                self._compare_content(commit, path, old[path][1], new[path][1])
                pointers.append(path)
        self._compare_coverage(commit, old, new, raw, pointers)

    def _compare_content(self, commit: str, path: str, old: str, new: str) -> None:
        pointer = _POINTER.fullmatch(self.repo.body(new, "blob"))
        if pointer is None:
            self._wrong(f"{commit} {path!r}: it changed and is no canonical pointer")
            return
        oid, content = pointer[1].decode(), self.repo.body(old, "blob")
        if _POINTER.fullmatch(content):
            self._wrong(f"{commit} {path!r}: a pointer became a pointer to something else")
            return
        place = self.store / oid[:2] / oid[2:4] / oid
        if not place.is_file():
            if pointer[1] not in content:  # a pointer mended: what it names may have been missing before
                self._wrong(f"{commit} {path!r}: {oid} is not in the store")
        elif pointer[1] in content and len(content) < 1500:
            return
        elif place.read_bytes() != content or hashlib.sha256(content).hexdigest() != oid:
            self._wrong(f"{commit} {path!r}: the store has other bytes")
        elif int(pointer[2]) != len(content):
            self._wrong(f"{commit} {path!r}: the pointer has a wrong size")
        if path.rpartition("/")[2] in (".gitignore", ".gitmodules", ".mailmap", ".lfsconfig"):
            self._wrong(f"{commit} {path!r}: a file that git reads became a pointer")

    def _compare_coverage(self, commit: str, old: Tree, new: Tree, raw: list[str], pointers: list[str]) -> None:
        before = self.attributes.lfs(old, [*raw, *pointers])
        after = self.attributes.lfs(new, [*raw, *pointers])
        for path in pointers:
            if path not in after:
                self._wrong(f"{commit} {path!r}: a pointer that no attribute covers")
        for path in raw:
            content = self.repo.body(new[path][1], "blob")
            if path in after - before and content and not content.lstrip().startswith(b"version https://"):
                self._wrong(f"{commit} {path!r}: goes to LFS now, and is no pointer")
            if path in before - after:
                self._wrong(f"{commit} {path!r}: does not go to LFS any more")

    def _compare_attributes(
        self, commit: str, path: str, old: tuple[str, str] | None, new: tuple[str, str] | None
    ) -> None:
        if old == new:
            return
        if old is not None and old[0] == "120000":
            old = None  # git reads no attributes through a link, so that a file in its place loses none
        if new is None or new[0] != (old or ("100644",))[0] or new[0] not in _FILES:
            self._wrong(f"{commit} {path!r}: {old} became {new}")
            return
        before = self.repo.body(old[1], "blob") if old is not None else b""
        after = self.repo.body(new[1], "blob")
        lines = iter(after.splitlines(keepends=True))
        for line in before.splitlines(keepends=True):
            if not any(
                other == line or (not line.endswith(b"\n") and other.rstrip() == line.rstrip()) for other in lines
            ):
                self._wrong(f"{commit} {path!r}: the line {line!r} is lost or moved")
                return

    # ------------------------------------------------------------------ what had to go

    def _look_for_what_had_to_go(self, offends: Callable[[Introduction], bool]) -> None:
        for one in truth(self.repo, self.new, self.known).introductions:
            if (one.path, one.blob) not in self.may_stay and offends(one):
                self._wrong(f"{one.commit} {one.path!r}: {one.blob} is still there")


def untouched(repo: Repo, tips: Mapping[str, str], known: Collection[str], offending: Collection[str]) -> set[str]:
    """The commits of a scope that need no new id: no commit of `offending` is among their ancestors or themselves."""
    reached = set()
    for commit in truth(repo, tips, known).commits:  # parents first
        if commit in offending or any(parent in reached for parent in repo.commit(commit).parents):
            reached.add(commit)
    return set(repo.reachable(*tips.values())) - reached


def fsck(git_dir: Path) -> set[str]:
    """The kinds of complaint that `git fsck` has about a repository, but for objects that nothing reaches."""
    command = ["git", "--git-dir", str(git_dir), "fsck", "--full"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, timeout=60)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith(("dangling", "notice"))]
    return {found[1] if (found := re.search(r": (\w+): ", line)) else line for line in lines}
