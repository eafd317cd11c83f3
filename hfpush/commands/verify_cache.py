"""What lies in a Hub cache: repositories, snapshots, blobs. Looks only; nothing is opened but refs.

A link of a snapshot must lead to its repository's blobs/. A blob is a regular file, or a link to one: into the store
that huggingface_hub shares between repositories (`<cache>/blobs/`), or to where its owner has moved it. Which it was
does not matter, as its digest tells what it is.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from hfpush.commands.verify_found import OURS, Blob, CacheRepo, Entry
from hfpush.disk.draft_names import SUFFIX
from hfpush.disk.folder import ASIDE
from hfpush.disk.trouble import disk_trouble
from hfpush.hub.cache import read_ref

_TYPES = {"models": "model", "datasets": "dataset", "spaces": "space"}
_MOST_REF_BYTES = 200
_FORGOTTEN_SECONDS = 86_400.0


def cached_repos(root: Path) -> list[Path]:
    """The folders of all repositories in a cache, sorted. Raises LocalTrouble when the cache cannot be read."""
    try:
        return sorted(path for path in root.iterdir() if repo_of(path.name) is not None and path.is_dir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise disk_trouble(error, root) from error


def repo_of(folder_name: str) -> tuple[str, str] | None:
    """Type and id of the repository whose folder is called so; None for any other. Pure."""
    kind, *parts = folder_name.split("--")
    if kind not in _TYPES or not 1 <= len(parts) <= 2 or not all(parts):
        return None
    return _TYPES[kind], "/".join(parts)


def survey(folder: Path, commit: str | None = None) -> CacheRepo:
    """What lies in one repository's folder; with `commit` only what that snapshot shows. Raises LocalTrouble."""
    kind, name = repo_of(folder.name) or ("model", folder.name)
    try:
        real = Path(os.path.realpath(folder))
        blobs = {blob.name: blob for blob in _blobs(real / "blobs")}
        commits = [commit] if commit is not None else _names(real / "snapshots")
        inside = os.path.realpath(real / "blobs")
        snapshots = {
            each: {entry.path: entry for entry in _entries(real / "snapshots" / each, inside, blobs)}
            for each in commits
            if (real / "snapshots" / each).is_dir()
        }
        return CacheRepo(real, kind, name, blobs, snapshots, dict(_refs(real / "refs")), dict(_drafts(real)))
    except OSError as error:
        raise disk_trouble(error, folder) from error


def _names(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False))
    except FileNotFoundError:
        return []


def _blobs(folder: Path) -> Iterator[Blob]:
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith((".incomplete", SUFFIX)) or entry.is_dir(follow_symlinks=False):
                continue
            where = Path(os.path.realpath(entry.path) if entry.is_symlink() else entry.path)
            facts = _facts(where)
            if facts is None:
                yield Blob(entry.name, 0, where, "it is a link to nothing")
            elif not stat.S_ISREG(facts.st_mode):
                yield Blob(entry.name, 0, where, f"it is {_kind(facts)}")
            else:
                yield Blob(entry.name, facts.st_size, where)


def _entries(folder: Path, blobs_folder: str, blobs: dict[str, Blob]) -> Iterator[Entry]:
    """Everything in a snapshot that is no folder."""
    waiting = [(str(folder), "")]
    lead_there: dict[str, bool] = {}  # most links of a folder lead to one other folder
    while waiting:
        here, above = waiting.pop()
        with os.scandir(here) as entries:
            for entry in entries:
                path = f"{above}{entry.name}"
                if entry.is_symlink():
                    yield _link(path, Path(entry.path), os.readlink(entry.path), lead_there, blobs_folder, blobs)
                elif entry.is_dir():
                    waiting.append((entry.path, f"{path}/"))
                elif entry.is_file():
                    yield Entry(path, "plain", entry.stat().st_size, Path(entry.path))
                else:
                    seen = f"it is {_kind(entry.stat(follow_symlinks=False))}"
                    yield Entry(path, "odd", 0, Path(entry.path), seen=seen)


def _link(
    path: str, where: Path, target: str, lead_there: dict[str, bool], blobs_folder: str, blobs: dict[str, Blob]
) -> Entry:
    folder, name = os.path.split(os.path.join(where.parent, target))
    if folder not in lead_there:
        lead_there[folder] = os.path.realpath(folder) == blobs_folder
    if not lead_there[folder] or name in ("", ".", ".."):
        return Entry(path, "odd", 0, where, seen=f"it is a link to {target!r}, which is not among the blobs"[:300])
    blob = blobs.get(name)
    return Entry(path, "link", 0 if blob is None else blob.size, where, name)


def _refs(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        facts = _facts(path, follow=False)
        if facts is None or not stat.S_ISREG(facts.st_mode) or facts.st_size > _MOST_REF_BYTES:
            continue
        with suppress(OSError):  # a ref that cannot be read is none
            commit = read_ref(path)
            if commit is not None:
                yield path.relative_to(folder).as_posix(), commit


def _drafts(folder: Path) -> Iterator[tuple[str, int]]:
    """Unfinished files, ours and huggingface_hub's, with what they take on the disk; also small ones that were on their
    way into place when a run was killed."""
    old = time.time() - _FORGOTTEN_SECONDS
    for part, suffix in ((OURS, SUFFIX), (OURS, ASIDE), ("blobs", ".incomplete")):
        with suppress(OSError), os.scandir(folder / part) as entries:  # none there, or not ours to see
            for entry in entries:
                if entry.name.endswith(suffix):
                    facts = entry.stat(follow_symlinks=False)
                    if suffix == ASIDE and facts.st_mtime > old:
                        continue  # somebody may be at it
                    yield f"{part}/{entry.name}", min(facts.st_size, facts.st_blocks * 512)


def _facts(path: Path, *, follow: bool = True) -> os.stat_result | None:
    with suppress(OSError, ValueError):
        return path.stat(follow_symlinks=follow)
    return None


def _kind(facts: os.stat_result) -> str:
    kinds = ((stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISDIR, "a folder"))
    return next((word for test, word in kinds if test(facts.st_mode)), "a device")
