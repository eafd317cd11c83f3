"""What a blob's first bytes say of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from hfpush.lfs.pointer import MAX_POINTER_BYTES, Pointer, parse_pointer
from hfpush.repo.rules import HEAD_BYTES, is_binary

KEPT_BYTES = 512
"""How much of a binary file or a broken pointer is kept, to be shown or asked about."""

_POINTER_STARTS = (
    b"version https://git-lfs.github.com/spec/",
    b"version https://hawser.github.com/spec/",
    b"version http://git-media.io/v/",
)


@dataclass(frozen=True)
class ContentFacts:
    """Size in bytes; the rest as in FoundBlob."""

    size: int
    binary: bool | None = None
    pointer: Pointer | None = None
    canonical: bool = True
    broken_pointer: bool = False
    head: bytes = field(default=b"", repr=False)


def facts_of(head: bytes, size: int) -> ContentFacts:
    """What is so of a blob of `size` bytes that starts with `head`: its first HEAD_BYTES, or all of it."""
    pointer = parse_pointer(head) if size < MAX_POINTER_BYTES else None
    if pointer is not None:
        return ContentFacts(size, binary=False, pointer=pointer, canonical=head == pointer.encode())
    broken = head.startswith(_POINTER_STARTS)
    binary = is_binary(head, whole=size <= HEAD_BYTES)
    kept = head[:KEPT_BYTES] if binary or broken else b""
    return ContentFacts(size, binary=binary, broken_pointer=broken, head=kept)
