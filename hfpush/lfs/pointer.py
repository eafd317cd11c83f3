"""Git LFS pointers: the small text that stands in git for a large file.

The format is the Git LFS specification's (docs/spec.md of git-lfs): `key value` lines, version first, then extensions
(`ext-0-name …`), then `oid sha256:<64 hex>` and `size <decimal>`, in fewer than 1024 bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_POINTER_BYTES = 1024
_VERSIONS = (
    b"https://git-lfs.github.com/spec/v1",
    b"https://hawser.github.com/spec/v1",  # before 1.0, as the next
    b"http://git-media.io/v/2",
)
_OID = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SIZE = re.compile(rb"[0-9]{1,19}")
_MAX_SIZE = 2**63 - 1
_EXTENSION = re.compile(rb"ext-[0-9]-\w+")
_KEYS = [b"version", b"oid", b"size"]


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


@dataclass(frozen=True)
class LfsObject:
    """An LFS object that commits speak of, and the paths it has in them: at least one, in the order they appeared."""

    pointer: Pointer
    paths: tuple[str, ...]


def parse_pointer(blob: bytes) -> Pointer | None:
    """The pointer that a blob is, or None when it is content. Takes what git-lfs takes, also forms it would not write.

    Those are: blank lines, carriage returns, space around the text, the specification's first addresses, extensions.
    With extensions the object is the one that `oid` names.
    """
    if len(blob) >= MAX_POINTER_BYTES:
        return None
    values: list[bytes] = []
    for line in blob.strip(b" \t\r\n").split(b"\n"):
        key, space, value = line.removesuffix(b"\r").partition(b" ")
        if not key and not space:
            continue
        if len(values) == len(_KEYS) or not space:
            return None
        if key == _KEYS[len(values)]:
            values.append(value)
        elif _EXTENSION.match(key) is None:
            return None
    if len(values) < len(_KEYS):
        return None
    version, oid, size = values
    digest = oid.removeprefix(b"sha256:").decode("ascii", "replace")
    if version not in _VERSIONS or not oid.startswith(b"sha256:") or not is_oid(digest):
        return None
    if _SIZE.fullmatch(size) is None or int(size) > _MAX_SIZE:
        return None
    return Pointer(digest, int(size))
