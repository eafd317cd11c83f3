"""What a file's bytes must be, known before the first of them arrives. Pure.

An LFS object is named by the sha256 of its bytes, any other file by its git blob id: a sha1 (or sha256, in a repository
of that object format) over `blob <size>\\0` and the bytes. The name is also what huggingface_hub calls the
blob in its cache.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Protocol

_GIT_IDS = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.ASCII)
_OIDS = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Hasher(Protocol):
    """A digest in the making, as hashlib has them."""

    def update(self, data: memoryview, /) -> None:
        """Take the next bytes."""

    def hexdigest(self) -> str:
        """The digest so far, in lower-case hex."""


@dataclass(frozen=True)
class Content:
    """Bytes by their digest and size. `git` says that `id` is a git blob id and not a plain sha256.

    Raises ValueError for an id that is not lower-case hex of a right length: ids become file names.
    """

    id: str
    size: int
    git: bool = False

    def __post_init__(self) -> None:
        if (_GIT_IDS if self.git else _OIDS).fullmatch(self.id) is None or self.size < 0:
            raise ValueError(f"{self.id!r} of {self.size} bytes is not a content")

    def hasher(self) -> Hasher:
        """A fresh digest; fed with all the bytes, its hexdigest must be `id`."""
        if not self.git:
            return hashlib.sha256()
        start = hashlib.sha1(usedforsecurity=False) if len(self.id) == 40 else hashlib.sha256()
        start.update(f"blob {self.size}\0".encode())
        return start
