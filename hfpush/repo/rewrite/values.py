"""What goes into a rewrite of history and what comes out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from hfpush.lfs.pointer import Pointer
from hfpush.repo.scope import Scope


@dataclass(frozen=True, order=True)
class Offence:
    """A blob that must not stay in git itself: `commit` (whole id) brings it in under `path`. `size` in bytes."""

    commit: str
    path: str
    blob: str
    size: int


@dataclass(frozen=True)
class Unmended:
    """An offence that no rewrite to LFS can mend, and why, as a clause (`it is a file that git itself reads`)."""

    offence: Offence
    reason: str


@dataclass(frozen=True)
class RewritePlan:
    """What a rewrite would do; nothing is written yet.

    `offences` are those that it mends, sorted; `unmended` the others. `commits` counts those that get new ids. `moves`
    are the refs whose objects get new ids, with the old one. `blobs` are those that become pointers (id to size in
    bytes): the offending ones and, from there on, every other content of the same paths. `lfs_bytes` is at most what
    they add to the LFS store; which objects are there already is only known once the blobs are read. `signed_commits`
    and `signed_tags` will lose their signatures. `published` counts commits to be rewritten that a remote-tracking ref
    reaches. `no_place` are commits to be rewritten whose `.gitattributes` can take no line: a rewrite would fail.
    """

    scope: Scope
    offences: tuple[Offence, ...]
    unmended: tuple[Unmended, ...]
    commits: int
    moves: Mapping[str, str]
    blobs: Mapping[str, int] = field(repr=False)
    lfs_bytes: int = 0
    signed_commits: int = 0
    signed_tags: int = 0
    published: int = 0
    no_place: tuple[str, ...] = ()


@dataclass(frozen=True)
class Moved:
    """A ref's object before and after."""

    old: str
    new: str


@dataclass(frozen=True)
class Rewritten:
    """A history made anew. All its objects are in the repository and its LFS objects in the store; no ref has moved.

    `commits` maps each old commit whose id changed to the new one, parents first, `tags` each annotated tag of a ref
    that moves, and `refs` each ref of the scope that has to move. `pointers` maps each blob that was taken out to the
    pointer in its place; `store` is the folder of LFS objects that holds the bytes.
    """

    plan: RewritePlan
    commits: Mapping[str, str] = field(repr=False)
    refs: Mapping[str, Moved]
    pointers: Mapping[str, Pointer] = field(repr=False)
    tags: Mapping[str, str] = field(repr=False)
    store: PurePath


@dataclass(frozen=True)
class Verified:
    """What was compared and found right: `commits` old and new, `files` that became pointers in them (a path and a
    content count once), and the LFS `objects` behind them with their `bytes`, read back from the disk."""

    commits: int
    files: int
    objects: int
    bytes: int
