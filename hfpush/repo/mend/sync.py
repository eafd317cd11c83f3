"""The index and the `.gitattributes` of the work tree follow when the checked-out history is replaced.

No other file of the work tree is touched, nor read unless git would call it modified. Where the index had a raw file
and gets its pointer, the entry keeps the status of the file on the disk: the pointer stands for these very bytes, so
`git status` is clean, and no filter has to run for that, or even to be there. What was edited stays modified. All of it
may be done twice.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Collection, Mapping
from pathlib import Path

from hfpush.disk.atomic import replace_with
from hfpush.disk.trouble import disk_trouble
from hfpush.errors import SourceChanged
from hfpush.repo.mend.converted import reshaped
from hfpush.repo.mend.head_change import Change, HeadChange, blob
from hfpush.repo.mend.index_file import FileStatus, IndexEntry, fingerprint, with_statuses
from hfpush.repo.mend.index_swap import NewIndex, outlast
from hfpush.repo.mend.work_tree import Found, file_status, files, plain_status, read_index
from hfpush.repo.repository import Repository
from hfpush.repo.rules import shown

Contents = Mapping[str, bytes | None]
"""What `.gitattributes` files hold by path; None where there is none."""


def follow(repository: Repository, change: HeadChange) -> str | None:
    """Bring the index from `change.old` to `change.new`; the fingerprint of what is staged then. None where nothing had
    to be done.

    Raises SourceChanged, with the index as it was, when something else is staged at a path that changes.
    """
    new = NewIndex(repository)
    try:
        staged = new.was.at(change.changes)
        if all(_id(staged, path) == one.new for path, one in change.changes.items()):
            return None
        _check_staged(staged, change)
        found = files(repository, new.was, [path for path, one in change.changes.items() if not one.is_attributes])
        other = reshaped(repository, staged, found)
        statuses = {
            path: one.status for path, one in found.items() if path not in other and _stands(one, change.changes[path])
        }
        statuses |= _attribute_statuses(repository, change)
        data = new.run("read-tree", "-i", "-m", change.old, change.new)
        kept = {path: file_status(status) for path, status in statuses.items() if status is not None}
        data = with_statuses(data, repository.object_format, kept)
        new.fill(data, _written_ns(kept))
        new.swap()
        outlast(max((kept[path].mtime[0] for path in kept.keys() & found.keys()), default=0))
        return fingerprint(data, repository.object_format)
    finally:
        new.drop()


def restore(repository: Repository, saved: Path, *, staged: str) -> bool:
    """Put the saved index back, if what is staged has that fingerprint; whether it has."""
    if staged_now(repository) != staged:
        return False
    new = NewIndex(repository)
    try:
        new.fill(saved.read_bytes(), saved.stat().st_mtime_ns)
        new.swap()
    finally:
        new.drop()
    return True


def staged_now(repository: Repository) -> str:
    """The fingerprint of what is staged."""
    return fingerprint(read_index(repository).data, repository.object_format)


def attributes_of(repository: Repository, change: HeadChange) -> dict[str, bytes | None]:
    """The `.gitattributes` that change, as the new commit has them. Those that a sparse work tree leaves out are left
    out here, too."""
    staged = read_index(repository).at(change.changes)
    return {
        path: None if one.new is None else blob(repository, one.new)
        for path, one in change.changes.items()
        if one.is_attributes and not (path in staged and staged[path].skip)
    }


def attributes_here(repository: Repository, paths: Mapping[str, object]) -> dict[str, bytes | None]:
    """What these `.gitattributes` hold in the work tree now."""
    return {path: _content(repository, path) for path in paths}


def write_attributes(
    repository: Repository, wanted: Contents, *, instead_of: Contents, links: Collection[str] = frozenset()
) -> None:
    """Write these `.gitattributes` into the work tree, each whole or not at all; those of `links` as symbolic links.

    Raises SourceChanged, with nothing written, when one holds neither what is wanted nor what it is to replace.
    """
    assert repository.root is not None
    here = attributes_here(repository, wanted)
    edited = [path for path in wanted if here[path] not in (wanted[path], instead_of.get(path))]
    if edited:
        raise SourceChanged.of(
            "fix-attributes-edited",
            "A .gitattributes file was edited in the meantime, so it cannot be written.",
            seen=tuple(shown(path) for path in edited[:10]),
            to_try=("move your edited file away", "then run the same command again"),
        )
    for path, content in wanted.items():
        place = repository.root / path
        try:
            if content is None:
                place.unlink(missing_ok=True)
            elif (here[path] != content or place.is_symlink() != (path in links)) and place.parent.is_dir():
                _replace(repository, place, content, link=path in links)
        except OSError as error:
            raise disk_trouble(error, place) from error


def _id(staged: Mapping[str, IndexEntry], path: str) -> str | None:
    return staged[path].id if path in staged else None


def _check_staged(staged: Mapping[str, IndexEntry], change: HeadChange) -> None:
    wrong = [path for path, one in change.changes.items() if _id(staged, path) != one.old]
    if wrong:
        raise SourceChanged.of(
            "index-changed",
            "The index holds something else than the commit that was replaced, at files that change with it.",
            seen=tuple(shown(path) for path in wrong[:10]),
            to_try=("git reset, which makes the index what the commit is and keeps the files",),
        )


def _stands(found: Found, change: Change) -> bool:
    """Whether the file is what either side of the change means: one that line ends were converted for is neither."""
    return found.state == "unchanged" and found.status is not None and found.status.st_size in change.sizes


def _attribute_statuses(repository: Repository, change: HeadChange) -> dict[str, os.stat_result | None]:
    assert repository.root is not None
    return {
        path: plain_status(repository.root, path)
        for path, content in attributes_of(repository, change).items()
        if content is not None and _content(repository, path) == content
    }


def _written_ns(statuses: Mapping[str, FileStatus]) -> int:
    # git distrusts entries as young as the index, and would run a filter over the large files among them.
    newest = max((status.mtime[0] for status in statuses.values()), default=0)
    return max(time.time_ns(), (newest + 1) * 10**9)


def _content(repository: Repository, path: str) -> bytes | None:
    assert repository.root is not None
    status = plain_status(repository.root, path)
    if status is None:
        return None
    place = repository.root / path
    return os.fsencode(os.readlink(place)) if place.is_symlink() else place.read_bytes()


def _replace(repository: Repository, place: Path, content: bytes, *, link: bool) -> None:
    def make(aside: Path) -> None:
        if link:
            os.symlink(content, os.fsencode(aside))
            return
        with open(aside, "xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if place.is_file() and not place.is_symlink():
            shutil.copymode(place, aside)

    near = repository.common_dir / "hfpush"
    same_disk = near.is_dir() and near.stat().st_dev == place.parent.stat().st_dev
    replace_with(place, near if same_disk else place.parent, make)
