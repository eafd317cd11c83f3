"""What the move from one commit to another changes in the checked-out files. Reads the two trees, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hfpush.repo.attributes import FILE
from hfpush.repo.objects import ObjectReader
from hfpush.repo.repository import Repository

_LINK = "120000"


@dataclass(frozen=True)
class Change:
    """A path's blob before and after, None where it is not there, and the sizes of both in bytes. `was_link` and
    `is_link` say that it was, or is, a symbolic link."""

    path: str
    old: str | None
    new: str | None
    sizes: frozenset[int]
    was_link: bool = False
    is_link: bool = False

    @property
    def is_attributes(self) -> bool:
        """Whether it is a `.gitattributes`, the only file that we write in a work tree."""
        return self.path.rpartition("/")[2] == FILE


@dataclass(frozen=True)
class HeadChange:
    """The move of what is checked out: two commits, and the paths that differ."""

    old: str
    new: str
    changes: Mapping[str, Change]

    def back(self) -> HeadChange:
        """The same move the other way."""
        turned = {
            path: Change(path, one.new, one.old, one.sizes, one.is_link, one.was_link)
            for path, one in self.changes.items()
        }
        return HeadChange(self.new, self.old, turned)


def head_change(repository: Repository, old: str, new: str) -> HeadChange:
    """What differs between two commits, as files: renames are a path less and a path more."""
    how = ("-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--ignore-submodules=none")
    raw = repository.git.read("diff-tree", *how, old, new)
    fields = raw.decode("utf-8", "surrogateescape").split("\0")
    pairs: dict[str, tuple[str | None, str | None]] = {}
    links: dict[str, tuple[bool, bool]] = {}
    for what, path in zip(fields[0::2], fields[1::2], strict=False):
        old_mode, new_mode, before, after = what.removeprefix(":").split(" ")[:4]
        links[path] = old_mode == _LINK, new_mode == _LINK
        pairs[path] = (before if before != repository.zero else None, after if after != repository.zero else None)
    ids = sorted({id for pair in pairs.values() for id in pair if id is not None})
    with ObjectReader(repository.git, partial=repository.partial) as reader:
        sizes = {info.id: info.size for info in reader.info(ids) if info.type == "blob"}
    return HeadChange(
        old,
        new,
        {
            path: Change(path, *pair, frozenset(sizes[id] for id in pair if id in sizes), *links[path])
            for path, pair in pairs.items()
        },
    )


def blob(repository: Repository, id: str) -> bytes:
    """The whole content of a small blob."""
    return repository.git.read("cat-file", "blob", id)
