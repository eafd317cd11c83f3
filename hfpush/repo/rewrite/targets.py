"""Which paths of a commit become pointers: those that offended in it or in any commit before it. Pure.

A set of targets only ever grows from parents to children, and depends on nothing else. Where many offenders share an
extension, their number would make `.gitattributes` slow to read, so that from there on the extension as a whole is a
target: that, too, depends on the set alone.

As a tree of nodes, targets lead a descent into git's trees. Equal nodes are one object, wherever they stand,
so that what was found out about a tree under a node can be kept.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
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
_WEIGHTS = 2**512
_NEVER = frozenset(name.encode() for name in NEVER_LFS)


@dataclass(frozen=True, eq=False)
class Node:
    """A folder on the way to targets, or a target itself (`is_target`). `extensions` are targets at any depth below;
    `anywhere` leads to them in folders without a node of their own. `digest` stands for all of it, and `sum` for the
    children, whatever their order."""

    is_target: bool
    children: dict[bytes, Node] = field(repr=False)
    extensions: frozenset[bytes]
    anywhere: Node | None = field(repr=False)
    digest: bytes = field(repr=False)
    sum: int = field(repr=False)

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
    """The targets of a commit: `root` leads to them from the top. `counts` are the offending paths by extension, where
    the extension is not a target as a whole."""

    root: Node = field(repr=False)
    counts: Mapping[bytes, int] = field(repr=False)

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
        *folders, name = path.split(b"/")
        node: Node | None = self.root
        for folder in folders:
            node = node.into(folder) if node is not None else None
        return node is not None and node.takes(name)


class TargetSpace:
    """Makes targets, so that equal ones are one object. Those that have grown share what has not with what they were
    before, in time and memory."""

    def __init__(self, many: int = MANY) -> None:
        self._many = many
        self._targets: dict[bytes, Targets] = {}
        self._nodes: dict[bytes, Node] = {}

    def joined(self, inherited: Iterable[Targets], own: Iterable[bytes]) -> Targets:
        """The targets of a commit: those of its parents and the paths that offend in itself."""
        given = list(dict.fromkeys(inherited))
        if not given:
            return self.made_of(own)
        base = given[0]
        for other in given[1:]:
            base = self._united(base, other)
        return self._grown(base, own)

    def made_of(self, paths: Iterable[bytes]) -> Targets:
        """The targets that these offending paths make."""
        return self._grown(self._rebuilt((), frozenset()), paths)

    def _united(self, one: Targets, other: Targets) -> Targets:
        if one.extensions == other.extensions:
            for larger, smaller in ((one, other), (other, one)):
                if _holds(larger.root, smaller.root):
                    return larger
            return self._grown(one, other.exact)
        return self._grown(self._rebuilt(one.exact, one.extensions | other.extensions), other.exact)

    def _grown(self, base: Targets, paths: Iterable[bytes]) -> Targets:
        new = [path for path in dict.fromkeys(paths) if not base.takes(path)]
        if not new:
            return base
        counts = counted(new, base.counts)
        extensions = base.extensions | shared_extensions(counts, self._many)
        if extensions != base.extensions:
            return self._rebuilt([*base.exact, *new], extensions)
        # Not the anywhere of the old root: without children that is the same node, and has none itself.
        anywhere = self._anywhere(extensions)
        return self._known(
            self._node(base.root, [path.split(b"/") for path in new], False, extensions, anywhere), counts
        )

    def _rebuilt(self, paths: Iterable[bytes], extensions: frozenset[bytes]) -> Targets:
        exact = [path for path in paths if extension_of(path.rpartition(b"/")[2]) not in extensions]
        anywhere = self._anywhere(extensions)
        ways = [path.split(b"/") for path in exact]
        return self._known(self._node(None, ways, False, extensions, anywhere), counted(exact, {}))

    def _anywhere(self, extensions: frozenset[bytes]) -> Node | None:
        """The node of every folder that has no node of its own."""
        return self._interned(False, {}, 0, extensions, None) if extensions else None

    def _known(self, root: Node, counts: Mapping[bytes, int]) -> Targets:
        return self._targets.setdefault(root.digest, Targets(root, counts))

    def _node(
        self,
        base: Node | None,
        ways: list[list[bytes]],
        is_target: bool,
        extensions: frozenset[bytes],
        anywhere: Node | None,
    ) -> Node:
        """The node `base`, or an empty one, with these ways to targets below it."""
        below: dict[bytes, list[list[bytes]]] = defaultdict(list)
        for first, *rest in ways:
            below[first].append(rest)
        children = dict(base.children) if base is not None else {}
        sum = base.sum if base is not None else 0
        for name, onward in below.items():
            old = children.get(name)
            target = [] in onward or (old is not None and old.is_target)
            new = self._node(old, [way for way in onward if way], target, extensions, anywhere)
            sum += _weight(name, new) - (_weight(name, old) if old is not None else 0)
            children[name] = new
        return self._interned(is_target, children, sum % _WEIGHTS, extensions, anywhere)

    def _interned(
        self,
        is_target: bool,
        children: dict[bytes, Node],
        sum: int,
        extensions: frozenset[bytes],
        anywhere: Node | None,
    ) -> Node:
        said = b"%d %d %b" % (is_target, sum, b".".join(sorted(extensions)))
        digest = hashlib.blake2b(said, digest_size=32).digest()
        return self._nodes.setdefault(digest, Node(is_target, children, extensions, anywhere, digest, sum))


def _weight(name: bytes, child: Node) -> int:
    return int.from_bytes(hashlib.blake2b(child.digest + name).digest(), "big")


def _holds(larger: Node, smaller: Node) -> bool:
    """Whether all that is named under the one is named under the other."""
    if larger is smaller:
        return True
    if smaller.is_target and not larger.is_target:
        return False
    others = ((larger.children.get(name), child) for name, child in smaller.children.items())
    return all(other is not None and _holds(other, child) for other, child in others)


def counted(paths: Iterable[bytes], before: Mapping[bytes, int]) -> dict[bytes, int]:
    """How many of the paths have each extension, added to what was counted before."""
    counts = dict(before)
    for path in paths:
        extension = extension_of(path.rpartition(b"/")[2])
        counts[extension] = counts.get(extension, 0) + 1
    return counts


def shared_extensions(counts: Mapping[bytes, int], many: int) -> frozenset[bytes]:
    """The extensions that at least `many` paths have, but for those of text."""
    return frozenset(
        extension
        for extension, times in counts.items()
        if times >= many and extension.lower() not in _TEXT and _PLAIN_EXTENSION.fullmatch(extension)
    )


def extension_of(name: bytes) -> bytes:
    """What stands behind the last dot of a file's name; empty where there is none, or only one at its start."""
    return name.rpartition(b".")[2] if b"." in name.lstrip(b".") else b""
