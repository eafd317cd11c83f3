"""What files hashed to, remembered by what their file system says of them: no file is read twice for its digest.

    <path given by the caller>      mode 0600
    {"version": 1, "files": {"/data/model.bin": [size, mtime_ns, ctime_ns, inode, device, "<sha256>"], ...}}

Written aside and renamed. Anybody may delete it at any time; a damaged one is as good as none.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hfpush.disk.trouble import disk_trouble
from hfpush.lfs.pointer import is_oid

_VERSION = 1
_KEPT = 200_000
_COARSE_NS = 2 * 10**9
_FINE_NS = 50 * 10**6

Signature = tuple[int, int, int, int, int]
"""Size, mtime and ctime in nanoseconds, inode, device: what changes when a file's content does."""


def signature(stat: os.stat_result) -> Signature:
    """The signature of a file."""
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, stat.st_dev


def place_key(name: str) -> str:
    """A file name for a path or an address."""
    return hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:32]


class HashCache:
    """Digests by path and signature. One process; `note` and `find` may be called from several threads."""

    def __init__(self, path: Path | None, *, clock_ns: Callable[[], int] = time.time_ns) -> None:
        """The cache kept at `path`, or one that is forgotten with the process when that is None."""
        self._path = path
        self._clock_ns = clock_ns
        self._files = _load(path) if path is not None else {}
        self._used: set[str] = set()
        self._dirty = False

    @classmethod
    def of(cls, state_dir: Path, place: Path) -> HashCache:
        """The cache of a repository or folder, whoever reads its files."""
        return cls(state_dir / "hashes" / f"{place_key(str(place))}.json")

    def find(self, path: Path | str, now: Signature) -> str | None:
        """The sha256 of the file at `path`, if it was noted with this very signature."""
        known = self._files.get(str(path))
        if known is None or known[0] != now:
            return None
        self._used.add(str(path))
        return known[1]

    def note(self, path: Path | str, then: Signature, oid: str) -> None:
        """Remember a digest, unless the file is so young that a later write could leave the same times on it.

        Clocks of file systems tick: by a few milliseconds, or by one or two seconds where times have no fraction.
        """
        youngest = max(then[1], then[2])
        tick = _COARSE_NS if then[2] % 10**9 == 0 else _FINE_NS
        if self._clock_ns() - youngest < tick:
            return
        self._files[str(path)] = (then, oid)
        self._used.add(str(path))
        self._dirty = True

    def save(self) -> None:
        """Write down what is new. Raises LocalTrouble when the disk refuses."""
        if self._path is None or not self._dirty:
            return
        if len(self._files) > _KEPT:
            self._files = {path: known for path, known in self._files.items() if path in self._used}
        document = {"version": _VERSION, "files": {path: [*sig, oid] for path, (sig, oid) in self._files.items()}}
        aside = None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, aside = tempfile.mkstemp(prefix=self._path.name, suffix=".tmp", dir=self._path.parent)
            with open(handle, "w", encoding="ascii") as stream:
                json.dump(document, stream, separators=(",", ":"))
            os.replace(aside, self._path)
        except OSError as error:
            if aside is not None:
                with suppress(OSError):
                    os.unlink(aside)
            raise disk_trouble(error, self._path) from error
        self._dirty = False


def _load(path: Path) -> dict[str, tuple[Signature, str]]:
    try:
        document = json.loads(path.read_text(encoding="ascii"))
        if document["version"] != _VERSION:
            return {}
        return {str(name): _entry(fields) for name, fields in document["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}  # missing, damaged, or written by another version: everything is hashed again


def _entry(fields: list[object]) -> tuple[Signature, str]:
    size, mtime, ctime, inode, device, oid = fields
    numbers = (size, mtime, ctime, inode, device)
    if not all(type(number) is int for number in numbers) or not isinstance(oid, str) or not is_oid(oid):
        raise ValueError("not an entry")
    return numbers, oid  # type: ignore[return-value]  # five ints, checked above
