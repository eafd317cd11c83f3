"""Scans made by hand, for tests of what is judged from them."""

from __future__ import annotations

import hashlib

from hfpush.lfs.pointer import Pointer
from hfpush.repo.audit.found import FoundBlob, Scan, Sighting
from hfpush.repo.scope import Scope

FIRST, SECOND, THIRD = "a" * 40, "b" * 40, "c" * 40
MIB = 2**20
LIMIT = 10 * MIB
POINTER = Pointer("1" * 64, 1000)


def at(path: str = "w.bin", commit: str = FIRST, *, lfs: bool = False, removed: str | None = None) -> Sighting:
    return Sighting(path, commit, "100644", lfs, removed)


def blob(
    size: int = 100,
    *sightings: Sighting,
    binary: bool | None = False,
    pointer: Pointer | None = None,
    stored: bool | None = None,
    canonical: bool = True,
    broken_pointer: bool = False,
    refs: tuple[str, ...] = ("refs/heads/main",),
) -> FoundBlob:
    seen = sightings or (at(),)
    return FoundBlob(
        id=hashlib.sha1(repr((size, seen, pointer)).encode()).hexdigest(),
        size=size,
        sightings=seen,
        refs=refs,
        binary=binary,
        pointer=pointer,
        canonical=canonical,
        broken_pointer=broken_pointer,
        stored=stored,
    )


def scan_of(*blobs: FoundBlob, commits: int = 3, absent: int = 0, scope: Scope | None = None) -> Scan:
    return Scan(scope or Scope({"refs/heads/main": THIRD}), commits, blobs, len(blobs), absent)
