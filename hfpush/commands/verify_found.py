"""What lies on a disk, as verify sees it before and after it was read. Values only. Pure but for paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from hfpush.disk.content import Content
from hfpush.hub.content import content_of
from hfpush.hub.tree import TreeFile

State = Literal["fine", "damaged", "missing", "misplaced", "unreadable", "changing", "unjudged", "unlisted"]
"""`damaged`: not the bytes that it must have. `missing`: it was here, and is not. `misplaced`: something else stands in
its place, a link that leads to another file, a device. `unreadable`: we may not read it, or the disk cannot.
`changing`: somebody writes it all the time. `unjudged`: nothing says what it should be. `unlisted`: the commit has no
such file."""
OURS = ".hfpush"
"""The folder of a cached repository in which our drafts are."""
WRONG = ("damaged", "missing", "misplaced", "unreadable")
"""The states that make a verify fail."""


@dataclass(frozen=True)
class Item:
    """A file to be read once: right if it is one of `contents`."""

    where: Path
    size: int
    contents: tuple[Content, ...]


@dataclass(frozen=True)
class Verdict:
    """What came of reading an item: its state; what was seen of one that is not `fine`, or which content it is."""

    state: State
    seen: str = ""
    content: Content | None = None


@dataclass(frozen=True)
class Sighting:
    """A path of a commit. `item` is what must be read to know more, None where `state` is known without.

    `path` of a blob that no snapshot shows is its own below the repository's folder, and its commit is empty.
    `listed` is what the commit's list of files says of it. `edited`: it was written to after it came.
    """

    path: str
    commit: str
    size: int
    state: State = "fine"
    seen: str = ""
    item: Item | None = None
    listed: TreeFile | None = None
    edited: bool = False

    @property
    def content(self) -> Content | None:
        """What the commit's list says that its bytes must be."""
        return None if self.listed is None else content_of(self.listed)


@dataclass(frozen=True)
class Entry:
    """Something in a snapshot: a `link` to `blob` (a name in blobs/), a `plain` file, or something else that is told in
    `seen`."""

    path: str
    kind: Literal["link", "plain", "odd"]
    size: int
    where: Path
    blob: str = ""
    seen: str = ""


@dataclass(frozen=True)
class Blob:
    """Something in blobs/. `where` is the file itself, behind a link into the cache's shared store as well; `seen` is
    why it is none."""

    name: str
    size: int
    where: Path
    seen: str = ""


@dataclass(frozen=True)
class CacheRepo:
    """A repository in a cache: commits with what their snapshots show, refs, and drafts with their sizes."""

    folder: Path
    type: str
    id: str
    blobs: Mapping[str, Blob] = field(default_factory=dict)
    snapshots: Mapping[str, Mapping[str, Entry]] = field(default_factory=dict)
    refs: Mapping[str, str] = field(default_factory=dict)
    drafts: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.id if self.type == "model" else f"{self.type}s/{self.id}"


@dataclass(frozen=True)
class Listing:
    """The files of a commit. `lost`: all of them were here once, so that one which is not here is missing."""

    files: Mapping[str, TreeFile]
    lost: bool = False
