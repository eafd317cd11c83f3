"""What goes into a rewrite of history and what comes out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    """An offence that no rewrite to LFS can mend, and why, as the end of a sentence (`it is a file that git reads`)."""

    offence: Offence
    reason: str


@dataclass(frozen=True)
class RewritePlan:
    """What a rewrite would do; nothing is written yet.

    `commits` counts those that get new ids. `moves` are the refs whose objects get new ids, with the old one. `blobs`
    are those that become pointers (id to size in bytes), `lfs_bytes` the bytes of them that the LFS store lacks.
    `signed_commits` and `signed_tags` will lose their signatures. `published` counts commits to be rewritten that
    a remote-tracking ref reaches.
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


@dataclass(frozen=True)
class Moved:
    """A ref's object before and after."""

    old: str
    new: str


@dataclass(frozen=True)
class Rewritten:
    """A history made anew. All its objects are in the repository and its LFS objects in the store; no ref has moved.

    `commits` maps each old commit whose id changed to the new one, `refs` each ref of the scope that has to move, and
    `pointers` each blob that was taken out to the pointer in its place.
    """

    plan: RewritePlan
    commits: Mapping[str, str] = field(repr=False)
    refs: Mapping[str, Moved]
    pointers: Mapping[str, Pointer] = field(repr=False)
