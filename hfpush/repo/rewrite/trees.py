"""Trees with pointers in the place of blobs, and with attribute files that say so.

Only the folders on the way to targets are read, level by level, many at a time. What a tree becomes depends on itself,
on the node of the targets that leads into it and on the macros of the top: that is kept, so that a folder that commits
share is made once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hfpush.errors import Damaged, LocalTrouble
from hfpush.repo.attributes import FILE
from hfpush.repo.objects import ObjectReader
from hfpush.repo.rewrite.cover import Cover, macros_of
from hfpush.repo.rewrite.no_place import is_no_place, no_place
from hfpush.repo.rewrite.pack import Pack
from hfpush.repo.rewrite.targets import Node, Targets
from hfpush.repo.rewrite.tree import TreeEntry, entries, replaced, with_file

_ATTRIBUTES = FILE.encode()
_KEPT_ATTRIBUTES = 256

_Key = tuple[bytes, Node | Targets, bytes]  # a tree, what leads into it (from the top: targets), macros


@dataclass(slots=True)
class _Visit:
    """A tree that is being made anew. `down` are the places of folders' ids, and what each folder becomes."""

    key: _Key
    node: Node
    content: bytes = b""
    found: list[TreeEntry] = field(default_factory=list)
    attributes: TreeEntry | None = None
    edits: list[tuple[int, bytes]] = field(default_factory=list)
    down: list[tuple[int, _Key]] = field(default_factory=list)
    new_attributes: bytes | None = None


class Trees:
    """Makes trees anew. `pointers` maps the id of each blob to be taken out to the id of its pointer, both binary."""

    def __init__(self, reader: ObjectReader, pack: Pack, cover: Cover, pointers: Mapping[bytes, bytes]) -> None:
        self._reader = reader
        self._pack = pack
        self._cover = cover
        self._pointers = pointers
        self._made: dict[_Key, bytes] = {}
        self._attributes: dict[bytes, bytes] = {}

    def made(self, wanted: Sequence[tuple[str, Targets]]) -> list[str]:
        """What the tree (by id) of each commit becomes, under the commit's targets."""
        keys: list[_Key] = [(bytes.fromhex(tree), targets, b"") for tree, targets in wanted]
        levels = [self._tops(keys)]
        while levels[-1]:
            levels.append(self._below(levels[-1]))
        for level in reversed(levels):
            for visit in level:
                self._finish(visit)
        return [self._made[key].hex() for key in keys]

    def _tops(self, keys: Iterable[_Key]) -> list[_Visit]:
        new = (key for key in dict.fromkeys(keys) if key not in self._made)
        visits = [_Visit(key, key[1].root) for key in new if isinstance(key[1], Targets)]
        self._read(visits)
        for visit in visits:
            targets, old = visit.key[1], visit.attributes
            assert isinstance(targets, Targets)
            if old is not None and is_no_place(old):
                raise LocalTrouble(no_place([f"tree {visit.key[0].hex()}"]))
            is_file = old is not None and old.is_file  # a link is as good as nothing: git does not follow it
            id = old.id if old is not None and is_file else b""
            before = self._attributes[id] if is_file else b""
            after = self._cover.top(id, before, targets)
            visit.new_attributes = after if after != before else None
            self._descend(visit, macros_of(after))
        return visits

    def _below(self, parents: Iterable[_Visit]) -> list[_Visit]:
        wanted: dict[_Key, _Visit] = {}
        for _, key in (down for parent in parents for down in parent.down):
            if key not in self._made and key not in wanted and isinstance(key[1], Node):
                wanted[key] = _Visit(key, key[1])
        visits = list(wanted.values())
        self._read(visits)
        for visit in visits:
            old, macros = visit.attributes, visit.key[2]
            if old is not None and old.is_file:
                before = self._attributes[old.id]
                after = self._cover.below(old.id, before, visit.node, macros)
                visit.new_attributes = after if after != before else None
            self._descend(visit, macros)
        return visits

    def _read(self, visits: Iterable[_Visit]) -> None:
        """Each visit's tree, the entries of it that matter, and the attribute files among them."""
        trees = self._contents(visit.key[0] for visit in visits)
        files = {}
        for visit in visits:
            tree, visit.content = visit.key[0], trees[visit.key[0]]
            names = None if visit.node.extensions else visit.node.children
            for entry in entries(visit.content, len(tree), names, also=_ATTRIBUTES):
                if entry.name == _ATTRIBUTES:
                    visit.attributes = entry
                    files[entry.id] = entry.is_file and entry.id not in self._attributes
                else:
                    visit.found.append(entry)
        wanted = [id for id, needed in files.items() if needed]
        if len(self._attributes) > _KEPT_ATTRIBUTES:
            self._attributes = {id: self._attributes[id] for id in files if id in self._attributes}
        self._attributes |= self._contents(wanted)

    def _descend(self, visit: _Visit, macros: bytes) -> None:
        """Sorts the entries: blobs that become pointers, and folders to go into."""
        for entry in visit.found:
            if entry.is_folder:
                node = visit.node.into(entry.name)
                if node is not None:
                    visit.down.append((entry.at, (entry.id, node, macros)))
            elif entry.is_file and visit.node.takes(entry.name):
                pointer = self._pointers.get(entry.id)
                if pointer is not None:
                    visit.edits.append((entry.at, pointer))
        visit.found.clear()

    def _finish(self, visit: _Visit) -> None:
        edits = visit.edits + [(at, self._made[key]) for at, key in visit.down]
        tree, old = visit.content, visit.key[0]
        new = replaced(tree, edits) if edits else tree
        if visit.new_attributes is not None:
            new = with_file(new, _ATTRIBUTES, self._pack.add("blob", visit.new_attributes))
        self._made[visit.key] = old if new == tree else self._pack.add("tree", new)

    def _contents(self, ids: Iterable[bytes]) -> dict[bytes, bytes]:
        wanted = list(dict.fromkeys(id.hex() for id in ids))
        found = {bytes.fromhex(id): content for id, content in self._reader.contents(wanted)}
        if len(found) < len(wanted):
            absent = next(id for id in wanted if bytes.fromhex(id) not in found)
            raise Damaged.of(
                "repo-damaged",
                "A folder or attribute file of the history is missing.",
                seen=(absent,),
                to_try=("git fsck, which says what is wrong",),
            )
        return found
