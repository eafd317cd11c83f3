"""Bytes of a file that lie on this disk already, though not where they must go: the start of a draft, not a download.

Two kinds of files hold them. A finished file of the same content: the blob of another repository, a plain file of
another commit. An unfinished one, which an earlier download by huggingface_hub left behind:

    <id>.incomplete                                 a cache, releases up to 1.18: what has come, in order
    <id>.<8 hex digits>.incomplete                  newer releases: one for each process, left behind only by kill -9
    <name or its hash>.<id>[.<8 hex>].incomplete    the same in the notes of a folder

Nothing of it is believed: the bytes become a draft, which is verified like any other. They are copied (shared, where
the file system can), because somebody may still have the old file open, or may change it later.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hfpush.disk.content import Content
from hfpush.disk.draft import Draft, DraftHome, claim, waiting_bytes
from hfpush.disk.flock import can_lock
from hfpush.errors import Busy, LocalTrouble

WORTH_BYTES = 1 << 20  # below this a search costs more than the bytes
_FORGOTTEN_SECONDS = 900.0  # longer than any download goes without a byte, and than clocks of two machines differ
_UNFINISHED = ".incomplete"


@dataclass(frozen=True)
class Spare:
    """The first `bytes` bytes of a content are in `path`. `left`: it was left behind, and is of no use to anybody else
    once its bytes are taken over."""

    path: Path
    bytes: int
    left: bool = False


class Unfinished:
    """What huggingface_hub left unfinished in some folders. Each folder is listed once, when it is first asked for."""

    def __init__(self) -> None:
        self._names: dict[Path, list[str]] = {}

    def parts_of(self, content: Content, folder: Path) -> Iterator[Spare]:
        """The unfinished files of a content in `folder`."""
        names = self._names.get(folder)
        if names is None:
            names = self._names[folder] = list(_unfinished_names(folder))
        for name in names:
            if content.id in name.split("."):
                found = _spare(folder / name, content.size)
                if found is not None:
                    yield found


class Repositories:
    """The blobs of all repositories in a cache at `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folders: list[Path] | None = None

    def finished(self, content: Content, *, besides: Path | None = None) -> Iterator[Spare]:
        """Blobs that are called like this content, and as large; not those in the folder `besides`.

        Only for a sha256: a git blob id means the same everywhere as well, but such files are small.
        """
        if content.git or content.size < WORTH_BYTES:
            return
        if self._folders is None:
            self._folders = sorted(_repository_folders(self._root))
        for folder in self._folders:
            if folder != besides:
                found = whole(folder / "blobs" / content.id, content)
                if found is not None:
                    yield found


def whole(path: Path, content: Content) -> Spare | None:
    """A file of the content's size, which may be it; None where there is none that we may read."""
    with suppress(OSError):
        facts = path.stat()
        if stat.S_ISREG(facts.st_mode) and facts.st_size == content.size and os.access(path, os.R_OK):
            return Spare(path, content.size)
    return None


def best(spares: Iterable[Spare]) -> Spare | None:
    """The one with the most bytes: the first of them."""
    return max(spares, key=lambda spare: spare.bytes, default=None)


def gather(home: DraftHome, spare: Spare) -> None:
    """Make a draft of those bytes, for the next claim of `home`, unless there is as much or somebody is at it.

    A file that was left behind is removed when its bytes are safe and nobody can have it open any more. Where anything
    fails, the bytes are fetched as if there had been none.
    """
    if waiting_bytes(home) >= spare.bytes:
        return
    with suppress(LocalTrouble, Busy):  # no room, no right to read, gone meanwhile: a draft is only help
        draft = claim(home)
        if not isinstance(draft, Draft):
            return
        try:
            if draft.length < spare.bytes:
                draft.adopt(spare.path)
                draft.forget(spare.bytes, home.content.size)
            enough = draft.length >= spare.bytes
        except BaseException:
            draft.discard()
            raise
        draft.release()
        if spare.left and enough and can_lock(home.lock) and _age(spare.path) > _FORGOTTEN_SECONDS:
            with suppress(OSError):  # a right that we lack, or gone: huggingface_hub's own clean-up knows it, too
                spare.path.unlink()


def _unfinished_names(folder: Path) -> Iterator[str]:
    with suppress(OSError), os.scandir(folder) as entries:
        yield from (entry.name for entry in entries if entry.name.endswith(_UNFINISHED))


def _repository_folders(root: Path) -> Iterator[Path]:
    with suppress(OSError), os.scandir(root) as entries:
        yield from (root / entry.name for entry in entries if "--" in entry.name and entry.is_dir())


def _spare(path: Path, size: int) -> Spare | None:
    with suppress(OSError):
        if stat.S_ISREG(path.lstat().st_mode) and os.access(path, os.R_OK):
            count = min(_before_a_hole(path), size)
            return Spare(path, count, left=True) if count >= WORTH_BYTES else None
    return None


def _before_a_hole(path: Path) -> int:
    """How many bytes come before the first hole: a program that writes in several places at once leaves holes."""
    with path.open("rb", buffering=0) as file:
        if not hasattr(os, "SEEK_HOLE"):
            return os.fstat(file.fileno()).st_size
        return os.lseek(file.fileno(), 0, os.SEEK_HOLE)


def _age(path: Path) -> float:
    with suppress(OSError):
        return time.time() - path.stat().st_mtime
    return 0.0
