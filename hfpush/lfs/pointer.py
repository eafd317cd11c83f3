"""Git LFS pointers: the small text that stands in git for a large file.

The format is the Git LFS specification's (docs/spec.md of git-lfs): `key value` lines, version first, the others
sorted, `oid sha256:<64 hex>` and `size <decimal>` required, fewer than 1024 bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_POINTER_BYTES = 1024
_VERSIONS = (b"https://git-lfs.github.com/spec/v1", b"https://hawser.github.com/spec/v1")
_OID = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SIZE = re.compile(rb"[0-9]{1,19}")
_KEY = re.compile(rb"[a-z0-9.-]+")


def is_oid(text: str) -> bool:
    """Whether `text` is a sha256 in lower-case hex, the only form an LFS oid has."""
    return _OID.fullmatch(text) is not None


@dataclass(frozen=True, order=True)
class Pointer:
    """An LFS object by its sha256 (64 lower-case hex digits) and size in bytes."""

    oid: str
    size: int

    def encode(self) -> bytes:
        """The one canonical form: equal pointers make equal blobs."""
        return f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.oid}\nsize {self.size}\n".encode()


def parse_pointer(blob: bytes) -> Pointer | None:
    """The pointer that a blob is, or None when it is content. Reads what git-lfs reads, also non-canonical forms.

    Keys we do not know (extensions) are allowed; the object is the one that `oid` names.
    """
    if not blob.startswith(b"version ") or len(blob) >= MAX_POINTER_BYTES:
        return None
    fields: dict[bytes, bytes] = {}
    for line in blob.rstrip(b"\n").split(b"\n"):
        key, space, value = line.rstrip(b"\r").partition(b" ")
        if not space or _KEY.fullmatch(key) is None or key in fields:
            return None
        fields[key] = value
    oid = fields.get(b"oid", b"").removeprefix(b"sha256:").decode("ascii", "replace")
    size = fields.get(b"size", b"")
    known = fields[b"version"] in _VERSIONS and fields.get(b"oid", b"").startswith(b"sha256:")
    if not known or not is_oid(oid) or _SIZE.fullmatch(size) is None:
        return None
    return Pointer(oid, int(size))
