"""What a scan of a history brings to light: plain facts, no verdict. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from hfpush.lfs.pointer import Pointer
from hfpush.repo.scope import Scope


@dataclass(frozen=True)
class Sighting:
    """A commit that brings a blob in under a path: it is not what any of the commit's parents has there.

    `commit` is a whole id, empty for a blob that a ref reaches through no commit (a tag of a blob or a tree); `path` is
    empty only for a blob that a ref names directly. `mode` is `100644` or `100755`. `lfs` says that the attribute files
    of that commit send the path to LFS. `removed` is the first commit after it, in the scope, that takes the blob away
    from the path again; None while it stays.
    """

    path: str
    commit: str
    mode: str
    lfs: bool
    removed: str | None = None


@dataclass(frozen=True)
class FoundBlob:
    """A blob of the scope that deserves a word.

    `size` is its length in bytes, as git holds it. `binary` is None where nobody looked. `pointer` is the LFS pointer
    that it is, `canonical` whether that is written in the one canonical form, and `broken_pointer` whether it starts
    like a pointer and is none. `stored` says, of a pointer, whether its object is in a local LFS store with the right
    size; None where nobody looked. `head` are its first 512 bytes, for binary blobs and broken pointers only.
    `sightings` are at least one, oldest first; `refs` are the tips of the scope that reach it (full names).
    """

    id: str
    size: int
    sightings: tuple[Sighting, ...]
    refs: tuple[str, ...] = ()
    binary: bool | None = None
    pointer: Pointer | None = None
    canonical: bool = True
    broken_pointer: bool = False
    stored: bool | None = None
    head: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Scan:
    """What was seen of a scope: `commits` of them, `blobs` that deserve a word, and `absent` blobs of a partial clone
    that are not here, so that nothing is known of them. `checked` counts the distinct new blobs that were looked at."""

    scope: Scope
    commits: int
    blobs: tuple[FoundBlob, ...]
    checked: int = 0
    absent: int = 0
