"""LFS objects on disk, and which repository may see which of them.

    objects/aa/<oid>                the bytes, published by rename once size and sha256 hold
    grants/<repository uid>/<oid>   a hard link to them: this repository has the object
    incoming/<random>               a file on its way; leftovers are removed at start

`repo` is everywhere the repository's `record.uid`, which survives a move and dies with the repository. An object
uploaded to one repository is absent from every other until it is granted there, as on the Hub.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from pathlib import Path

OID = re.compile(r"[0-9a-f]{64}")
_BLOCK = 1 << 20


class ContentMismatch(ValueError):
    """The bytes are not those that the oid or the size promises."""


def is_oid(text: str) -> bool:
    """Whether the text is a sha256 in lower-case hex."""
    return OID.fullmatch(text) is not None


class ObjectStore:
    """Content-addressed objects below one root. Blocking; safe for several processes on one root."""

    def __init__(self, root: Path) -> None:
        self._objects = root / "objects"
        self._grants = root / "grants"
        self.incoming = root / "incoming"
        """Where to write a file before it is added; on the same file system as the objects."""
        for folder in (self._objects, self._grants, self.incoming):
            folder.mkdir(parents=True, exist_ok=True)

    def recover(self) -> None:
        """Remove what a killed process left in incoming. Call only while nobody writes there."""
        for leftover in self.incoming.iterdir():
            leftover.unlink()

    def new_file(self) -> Path:
        """A fresh, not yet existing path in incoming."""
        return self.incoming / secrets.token_hex(12)

    def path(self, oid: str) -> Path:
        """Where the bytes of an oid are or would be. Raises ValueError for what is no oid."""
        if not is_oid(oid):
            raise ValueError("not a sha256 oid")
        return self._objects / oid[:2] / oid

    def size(self, oid: str) -> int | None:
        """Bytes of a stored object, or None if no repository has it."""
        try:
            return self.path(oid).stat().st_size
        except FileNotFoundError:
            return None

    def has(self, repo: str, oid: str) -> bool:
        """Whether this repository has the object, and its bytes are here."""
        return is_oid(oid) and self._grant(repo, oid).exists() and self.path(oid).exists()

    def grant(self, repo: str, oid: str) -> None:
        """Let the repository see a stored object; may be done twice. Raises FileNotFoundError if it is not stored."""
        place = self._grant(repo, oid)
        place.parent.mkdir(exist_ok=True)
        for last in (False, False, False, True):
            try:
                # Costs a fiftieth of a new file on some file systems.
                os.link(self.path(oid), place)
            except FileExistsError:
                return
            except FileNotFoundError:
                # Linux says this also when the same object is published anew just now, over the file it found.
                if last or not self.path(oid).exists():
                    raise
                continue
            except OSError:  # a file system without links
                place.touch()
            return

    def revoke(self, repo: str, oid: str) -> None:
        """Take the object away from one repository; no error if it does not have it."""
        self._grant(repo, oid).unlink(missing_ok=True)

    def granted(self, repo: str) -> set[str]:
        """The oids that this repository has."""
        try:
            return set(os.listdir(self._folder(repo)))
        except FileNotFoundError:
            return set()

    def forget_repo(self, repo: str) -> None:
        """The repository is gone; the bytes of its objects stay for others."""
        shutil.rmtree(self._folder(repo), ignore_errors=True)

    def add_file(self, file: Path, oid: str, *, size: int | None = None, sha256: str | None = None) -> None:
        """Publish a file of `incoming` (or another of the same file system) as this object; the file is moved away.

        `sha256` is the digest if the caller has it already; else the file is read. Raises ContentMismatch, and
        leaves the file, if size or digest differ. Adding a stored object again is fine.
        """
        actual = file.stat().st_size
        if size is not None and actual != size:
            raise ContentMismatch(f"size is {actual}, promised was {size}")
        if (sha256 or sha256_of(file)) != oid:
            raise ContentMismatch("sha256 differs from the oid")
        place = self.path(oid)
        try:
            os.replace(file, place)
        except FileNotFoundError:
            place.parent.mkdir(parents=True, exist_ok=True)
            os.replace(file, place)

    def add_bytes(self, data: bytes) -> str:
        """Publish bytes as an object and return its oid; granting it is the caller's."""
        file = self.new_file()
        file.write_bytes(data)
        oid = hashlib.sha256(data).hexdigest()
        self.add_file(file, oid, sha256=oid)
        return oid

    def remove(self, oid: str) -> None:
        """Take the bytes away, for every repository; no error if they are not here."""
        self.path(oid).unlink(missing_ok=True)

    def _folder(self, repo: str) -> Path:
        return self._grants / repo

    def _grant(self, repo: str, oid: str) -> Path:
        return self._folder(repo) / oid


def sha256_of(file: Path) -> str:
    """Digest of a file's content, in hex. Gives the GIL away while it hashes."""
    digest = hashlib.sha256()
    buffer = memoryview(bytearray(_BLOCK))
    with file.open("rb", buffering=0) as source:
        while count := source.readinto(buffer):
            digest.update(buffer[:count])
    return digest.hexdigest()
