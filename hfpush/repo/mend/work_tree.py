"""Whether files of a work tree are what was committed. Reads; runs no filter and changes nothing.

A file is unchanged when git's index says so of its status, or when its raw bytes have the id that the index has. The
second holds for a file that stands under `filter=lfs` although its content was committed: git calls it modified for
ever, and no one has touched it.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from hfpush.disk.content import Content
from hfpush.disk.trouble import disk_trouble
from hfpush.errors import Damaged
from hfpush.repo.mend.index_file import FileStatus, IndexEntry, entries, status_of
from hfpush.repo.reading import open_plain, unreadable
from hfpush.repo.repository import Repository

State = Literal["unchanged", "edited", "absent"]
_CHUNK = 1 << 20
_MODULE = 0o160000


@dataclass(frozen=True)
class Found:
    """A file of the work tree: what state it is in, and its status now, None where it is absent."""

    state: State
    status: os.stat_result | None


@dataclass(frozen=True)
class Index:
    """An index as bytes, whole, and when it was written: statuses of the same second prove nothing."""

    data: bytes
    written_ns: int
    object_format: str

    def at(self, paths: Collection[str]) -> dict[str, IndexEntry]:
        """The entries of these paths, where nothing is unmerged. Raises Damaged for an index that cannot be read."""
        try:
            every = entries(self.data, self.object_format)
            return {entry.path: entry for entry in every if entry.path in paths and entry.stage == 0}
        except ValueError as error:
            raise Damaged.of(
                "repo-damaged",
                "The index of this repository cannot be read.",
                seen=(str(error),),
                to_try=("git status, which says what is wrong", "git read-tree HEAD makes a new index"),
            ) from error


def index_path(repository: Repository) -> Path:
    """Where the index of this work tree is."""
    return repository.git_dir / "index"


def read_index(repository: Repository) -> Index:
    """The index of this work tree, also one that git has split in two. Changes nothing. Raises LocalTrouble."""
    path = index_path(repository)
    try:
        data, written_ns = path.read_bytes(), path.stat().st_mtime_ns
        if any(repository.git_dir.glob("sharedindex.*")):
            data = _joined(repository, data)
    except OSError as error:
        raise disk_trouble(error, path) from error
    return Index(data, written_ns, repository.object_format)


def _joined(repository: Repository, data: bytes) -> bytes:
    with tempfile.TemporaryDirectory(prefix="hfpush-git-") as aside:
        copy = Path(aside) / "index"
        copy.write_bytes(data)
        git = replace(repository.git, index=copy)
        git.read("update-index", "--no-split-index", settings=("core.splitIndex=false",))
        return copy.read_bytes()


def files(repository: Repository, index: Index, paths: Collection[str]) -> Mapping[str, Found]:
    """The files at those of `paths` that the index has and that belong into the work tree.

    Files whose status differs are read whole. Raises LocalTrouble for one that cannot be read.
    """
    assert repository.root is not None
    present = {path: entry for path, entry in index.at(paths).items() if not entry.skip}
    return {path: look(repository.root, entry, index.written_ns) for path, entry in present.items()}


def look(root: Path, entry: IndexEntry, written_ns: int) -> Found:
    """The file of an index entry."""
    place = root / entry.path
    status = plain_status(root, entry.path)
    if status is None:
        return Found("edited" if os.path.lexists(place) else "absent", None)
    trusted = entry.status.mtime[0] < written_ns // 10**9
    if entry.mode == _MODULE:  # what is in it is another repository's; all that counts here is that it stands there
        return Found("unchanged" if stat.S_ISDIR(status.st_mode) else "edited", status)
    if stat.S_ISLNK(entry.mode) and stat.S_ISLNK(status.st_mode):
        return Found("unchanged" if link_id(place, len(entry.id)) == entry.id else "edited", status)
    if not stat.S_ISREG(status.st_mode) or not stat.S_ISREG(entry.mode):
        return Found("edited", status)
    if trusted and same(entry.status, status):
        return Found("unchanged", status)
    return Found("unchanged" if raw_id(place, status.st_size, len(entry.id)) == entry.id else "edited", status)


def plain_status(root: Path, path: str) -> os.stat_result | None:
    """The status of the file itself; None when there is none, or when a folder on the way is a link to elsewhere."""
    try:
        for folder in list(Path(path).parents)[-2::-1]:
            if not stat.S_ISDIR((root / folder).lstat().st_mode):
                return None
        return (root / path).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise unreadable(root / path, error.strerror or str(error)) from error


def same(kept: FileStatus, status: os.stat_result) -> bool:
    """Whether a status in the index is that of the file, to the nanosecond where the index has it. Owner and device are
    left out, as they differ by mount."""
    now = file_status(status)
    times = zip((kept.mtime, kept.ctime), (now.mtime, now.ctime), strict=True)
    return (
        kept.size == now.size
        and kept.inode in (0, now.inode)
        and all(was[0] == is_[0] and was[1] in (0, is_[1]) for was, is_ in times)
    )


def file_status(status: os.stat_result) -> FileStatus:
    """What the index would keep of a file."""
    return status_of(
        (
            status.st_ctime_ns,
            status.st_mtime_ns,
            status.st_dev,
            status.st_ino,
            status.st_uid,
            status.st_gid,
            status.st_size,
        )
    )


def link_id(place: Path, digits: int) -> str:
    """The id that git has for where a symbolic link points."""
    try:
        target = os.fsencode(os.readlink(place))
    except OSError as error:
        raise unreadable(place, error.strerror or str(error)) from error
    digest = Content("0" * digits, len(target), git=True).hasher()
    digest.update(memoryview(target))
    return digest.hexdigest()


def raw_id(place: Path, size: int, digits: int) -> str | None:
    """The id that git has for a file's bytes as they are; None when the file changes while it is read."""
    digest = Content("0" * digits, size, git=True).hasher()
    buffer = bytearray(_CHUNK)
    left = size
    try:
        with open(open_plain(place), "rb", buffering=0) as stream:
            while count := stream.readinto(buffer):
                digest.update(memoryview(buffer)[:count])
                left -= count
    except OSError as error:
        raise unreadable(place, error.strerror or str(error)) from error
    return digest.hexdigest() if left == 0 else None
