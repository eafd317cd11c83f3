"""Git LFS pointers: the small text that stands in git for an object outside of it.

Rules of git-lfs docs/spec.md: below 1024 bytes, `key value` lines, `version` first, then the other keys sorted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_POINTER_SIZE = 1024
"""A blob of this many bytes, or more, is content whatever it says."""

_VERSIONS = (b"version https://git-lfs.github.com/spec/v1", b"version https://hawser.github.com/spec/v1")
_OID = re.compile(rb"oid sha256:([0-9a-f]{64})")
_SIZE = re.compile(rb"size ([0-9]{1,19})")


@dataclass(frozen=True)
class Pointer:
    """An LFS object by its sha256 (64 hex digits) and its size in bytes."""

    oid: str
    size: int

    def __bytes__(self) -> bytes:
        """The canonical text: the one spelling git-lfs itself writes."""
        return b"%s\noid sha256:%s\nsize %d\n" % (_VERSIONS[0], self.oid.encode(), self.size)


def parse_pointer(blob: bytes) -> Pointer | None:
    """The pointer that a blob is, or None if it is content. Extension lines are passed over."""
    if len(blob) >= MAX_POINTER_SIZE or not blob.startswith(_VERSIONS):
        return None
    oid = size = None
    for line in blob.split(b"\n")[1:]:
        found_oid, found_size = _OID.fullmatch(line), _SIZE.fullmatch(line)
        oid = found_oid.group(1).decode() if found_oid else oid
        size = int(found_size.group(1)) if found_size else size
    return None if oid is None or size is None else Pointer(oid, size)
