"""What is said of one blob that a scan found, in fixed words for programs. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hfpush.repo.audit.found import FoundBlob
from hfpush.repo.audit.offences import is_raw, is_read_by_git
from hfpush.repo.audit.pointer_rules import MAX_OBJECT, PLAIN_OBJECT
from hfpush.repo.rules import MAX_GIT_FILE


def blob_document(blob: FoundBlob, above: int | None) -> dict[str, Any]:
    """A blob as plain values. `above` is the size that was asked for, None where all rules were."""
    pointer = blob.pointer
    return {
        "id": blob.id,
        "size": blob.size,
        "verdict": list(words(blob, above)),
        "paths": list(dict.fromkeys(at.path for at in blob.sightings)),
        "sightings": [vars(at) for at in blob.sightings],
        "refs": blob.refs,
        "pointer": None if pointer is None else {"oid": pointer.oid, "size": pointer.size},
    }


def words(blob: FoundBlob, above: int | None) -> Iterator[str]:
    """Why the blob was found, and what stands against it; in this order. Where sizes alone were asked for nobody looked
    into it, so only what its size tells is said."""
    if above is not None and blob.size > above:
        yield "above"
    if blob.pointer is None and blob.size > MAX_GIT_FILE:
        yield "large"
    if above is not None:
        return
    if blob.pointer is None and blob.binary:
        yield "binary"
    if any(is_raw(blob, at) for at in blob.sightings):
        yield "raw"
    if any(is_read_by_git(at.path) for at in blob.sightings):
        yield "read-by-git"
    yield from _of_pointers(blob)


def _of_pointers(blob: FoundBlob) -> Iterator[str]:
    if blob.broken_pointer:
        yield "pointer-broken"
    if blob.pointer is None:
        return
    if not blob.canonical:
        yield "pointer-not-canonical"
    if not all(at.lfs for at in blob.sightings):
        yield "pointer-uncovered"
    if blob.stored is False and blob.pointer.size:
        yield "object-not-here"
    if blob.pointer.size > PLAIN_OBJECT:
        yield "object-too-large" if blob.pointer.size > MAX_OBJECT else "object-in-parts"
