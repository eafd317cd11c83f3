"""Commits that have no place for a line of attributes: `.gitattributes` at their top is a folder or a submodule."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hfpush.findings import Finding
from hfpush.repo.attributes import FILE
from hfpush.repo.objects import ObjectReader
from hfpush.repo.rewrite.tree import LINK, TreeEntry, entries

_NAME = FILE.encode()
_PERHAPS = re.compile(rb"(?:40|160)000 \.gitattributes\0")
_SHOWN = 10


def without_place(reader: ObjectReader, commits: Mapping[str, str]) -> tuple[str, ...]:
    """Those commits whose top has no place for attributes. `commits` leads from trees to commits that have them."""
    found = []
    for tree, content in reader.contents(list(commits)):
        if _PERHAPS.search(content):  # most trees are not looked at any closer
            found += [commits[tree] for one in entries(content, len(tree) // 2, {_NAME}) if is_no_place(one)]
    return tuple(found)


def is_no_place(entry: TreeEntry) -> bool:
    """Whether the entry of that name is neither a file nor a link, which is as good as nothing: git does not follow
    it."""
    return not entry.is_file and entry.mode != LINK


def no_place(seen: Sequence[str]) -> Finding:
    """The finding for such commits; `seen` names them, or their trees."""
    more = (f"and {len(seen) - _SHOWN:,} more",) if len(seen) > _SHOWN else ()
    return Finding(
        "attributes-not-a-file",
        "In a commit that has to change, .gitattributes is a folder or a submodule, so no line can be added to it.",
        evidence=(*seen[:_SHOWN], *more),
        remedy=("rename it in that commit, with git rebase -i; then run the same command again",),
    )
