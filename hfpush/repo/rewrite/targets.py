"""Which paths of a commit become pointers: those that offended in it or in any commit before it. Pure.

A set of targets only ever grows from parents to children, and depends on nothing else. Where many offenders share an
extension, their number would make `.gitattributes` slow to read, so that from there on the extension as a whole is a
target: that, too, depends on the set alone.

As a tree of nodes, targets lead a descent into git's trees. Equal nodes are one object, wherever they stand,
so that what was found out about a tree under a node can be kept.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from hfpush.repo.rules import NEVER_LFS

MANY = 256
"""From how many offending paths of one extension on all files of that extension are targets."""
_PLAIN_EXTENSION = re.compile(rb"[A-Za-z0-9_+-]{1,40}")
# Extensions of text: large ones offend, but small ones beside them want to be read and compared.
_TEXT = frozenset(
    {
        *(b"c", b"cfg", b"conf", b"cpp", b"csv", b"h", b"html", b"ini", b"ipynb", b"js", b"json", b"jsonl", b"md"),
        *(b"py", b"rst", b"sh", b"srt", b"tex", b"toml", b"ts", b"tsv", b"txt", b"xml", b"yaml", b"yml"),
    }
)
_ATTRIBUTES = b".gitattributes"
_NEVER = frozenset(name.encode() for name in NEVER_LFS)


@dataclass(frozen=True, eq=False)
class Node:
    """A folder on the way to targets, or a target itself (`is_target`). `extensions` are targets at any depth below;
    `anywhere` leads to them in folders without a node of their own. `names` are all that a folder is searched for,
    None for every name."""

    is_target: bool
    children: dict[bytes, Node] = field(repr=False)
    extensions: frozenset[bytes]
    anywhere: Node | None = field(repr=False)
    names: frozenset[bytes] | None = field(repr=False)

    def into(self, name: bytes) -> Node | None:
        """The node of the folder of that name in this one, None where no target can lie in it."""
        child = self.children.get(name)
        if child is not None and (child.children or child.extensions):
            return child
        return self.anywhere or (self if self.extensions else None)

    def takes(self, name: bytes) -> bool:
        """Whether a file of that name in this folder is a target."""
        child = self.children.get(name)
        if child is not None and child.is_target:
            return True
        return bool(self.extensions) and extension_of(name) in self.extensions and name not in _NEVER

    def below(self) -> list[bytes]:
        """The targets under this folder that are named one by one, as paths from here, sorted."""
        found = []
        for name, child in sorted(self.children.items()):
            if child.is_target:
                found.append(name)
            found += [name + b"/" + path for path in child.below()]
        return found


@dataclass(frozen=True, eq=False)
class Targets:
    """The targets of a commit. `paths` are the offenders, and `root` leads to the targets from the top."""

    paths: frozenset[bytes] = field(repr=False)
    root: Node = field(repr=False)

    @property
    def extensions(self) -> frozenset[bytes]:
        """The extensions that are targets as a whole."""
        return self.root.extensions

    @property
    def exact(self) -> list[bytes]:
        """The targets that are named one by one, sorted."""
        return self.root.below()

    def takes(self, path: bytes) -> bool:
        """Whether a file at that path is a target."""
        name = path.rpartition(b"/")[2]
        if self.extensions and extension_of(name) in self.extensions:
            return name not in _NEVER
        return path in self.paths


class TargetSpace:
    """Makes targets, so that equal ones are one object."""

    def __init__(self, many: int = MANY) -> None:
        self._many = many
        self._targets: dict[frozenset[bytes], Targets] = {}
        self._nodes: dict[object, Node] = {}

    def joined(self, inherited: Iterable[Targets], own: Iterable[bytes]) -> Targets:
        """The targets of a commit: those of its parents and the paths that offend in itself."""
        given = sorted(dict.fromkeys(inherited), key=lambda one: -len(one.paths))
        new = frozenset(own).union(*(one.paths for one in given[1:]))
        if given and new <= given[0].paths:
            return given[0]
        return self.made_of(new | given[0].paths if given else new)

    def made_of(self, paths: frozenset[bytes]) -> Targets:
        """The targets that these offending paths make."""
        known = self._targets.get(paths)
        if known is None:
            extensions = shared_extensions(paths, self._many)
            exact = [path for path in paths if extension_of(path.rpartition(b"/")[2]) not in extensions]
            anywhere = self._interned(False, {}, extensions, None) if extensions else None
            root = self._node([path.split(b"/") for path in exact], False, extensions, anywhere)
            known = self._targets[paths] = Targets(paths, root)
        return known

    def _node(
        self, ways: list[list[bytes]], is_target: bool, extensions: frozenset[bytes], anywhere: Node | None
    ) -> Node:
        below: dict[bytes, list[list[bytes]]] = defaultdict(list)
        for first, *rest in ways:
            below[first].append(rest)
        children = {
            name: self._node([way for way in rest if way], [] in rest, extensions, anywhere)
            for name, rest in below.items()
        }
        return self._interned(is_target, children, extensions, anywhere)

    def _interned(
        self, is_target: bool, children: dict[bytes, Node], extensions: frozenset[bytes], anywhere: Node | None
    ) -> Node:
        key = (is_target, frozenset(children.items()), extensions)
        known = self._nodes.get(key)
        if known is None:
            names = None if extensions else frozenset((*children, _ATTRIBUTES))
            known = self._nodes[key] = Node(is_target, children, extensions, anywhere, names)
        return known


def shared_extensions(paths: Iterable[bytes], many: int) -> frozenset[bytes]:
    """The extensions that at least `many` of the paths have, but for those of text."""
    count: dict[bytes, int] = defaultdict(int)
    for path in paths:
        count[extension_of(path.rpartition(b"/")[2])] += 1
    return frozenset(
        extension
        for extension, times in count.items()
        if times >= many and extension.lower() not in _TEXT and _PLAIN_EXTENSION.fullmatch(extension)
    )


def extension_of(name: bytes) -> bytes:
    """What stands behind the last dot of a file's name; empty where there is none, or only one at its start."""
    return name.rpartition(b".")[2] if b"." in name.lstrip(b".") else b""
