"""What a commit has at given paths: a walk down its trees, so that any byte may be in a name and no blob is touched."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from hfpush.repo.objects import ObjectReader

_FILES = (b"100644", b"100755", b"100664")
_FOLDER = b"40000"
_KEPT = 2000

Entries = Mapping[bytes, tuple[bytes, str]]


class TreeReader:
    """Looks paths up in commits of one repository. Remembers some thousand trees."""

    def __init__(self, reader: ObjectReader) -> None:
        self._reader = reader
        self._trees: dict[str, Entries] = {}

    def files(self, commit: str, paths: Collection[str]) -> dict[str, str]:
        """The blob of each of the paths that is a file there; symbolic links are none."""
        root = self._root(commit)
        found = {}
        for path in paths:
            *folders, name = path.encode("utf-8", "surrogateescape").split(b"/")
            tree: str | None = root
            for folder in folders:
                mode, id = self._entries(tree).get(folder, (b"", "")) if tree else (b"", "")
                tree = id if mode == _FOLDER else None
            mode, id = self._entries(tree).get(name, (b"", "")) if tree else (b"", "")
            if mode in _FILES:
                found[path] = id
        return found

    def _root(self, commit: str) -> str | None:
        for _, content in self._reader.contents([commit]):
            return content.split(b"\n", 1)[0].removeprefix(b"tree ").decode("ascii")
        return None

    def _entries(self, tree: str) -> Entries:
        if tree not in self._trees:
            if len(self._trees) >= _KEPT:
                self._trees.clear()
            self._trees[tree] = {}
            for id, content in self._reader.contents([tree]):
                self._trees[tree] = parse_tree(content, len(id) // 2)
        return self._trees[tree]


def parse_tree(content: bytes, id_bytes: int) -> Entries:
    """The entries of a tree object by name: mode and id."""
    entries, at = {}, 0
    while at < len(content):
        end = content.index(b"\0", at)
        mode, _, name = content[at:end].partition(b" ")
        at = end + 1 + id_bytes
        entries[name] = (mode, content[end + 1 : at].hex())
    return entries
