"""The disk side of a fetch: the Hub cache or a folder, under one face, with what must be written at the end."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from hfpush.commands.fetch_again import LocalDirAgain, SnapshotAgain
from hfpush.commands.fetch_report import FetchRequest, no_room
from hfpush.disk.content import Content
from hfpush.disk.folder import closed_on
from hfpush.disk.trouble import disk_full
from hfpush.errors import LocalTrouble, Misuse
from hfpush.findings import Finding
from hfpush.hub.cache import RepoCache, Snapshot, default_cache
from hfpush.hub.content import content_of
from hfpush.hub.local_dir import LocalDir, is_reserved, noted_commit
from hfpush.hub.naming import naming_of, refused_names
from hfpush.hub.tree import TreeFile, Unsafe, is_safe_path
from hfpush.hub.tree_cache import is_commit
from hfpush.receive.events import Gathering, Observer, silent
from hfpush.receive.place import Place
from hfpush.receive.plan import Plan


class ListingPlace(Place, Protocol):
    """A place that can also say which files it has, and what else of them lies on this disk."""

    def names(self) -> list[str]:
        """The paths that are there."""

    def waiting(self, path: str, content: Content) -> int:
        """How many bytes of a file need not come over the wire: for a plan."""

    def gather(self, path: str, content: Content) -> None:
        """Make the draft that `waiting` promises, of bytes that lie elsewhere on this disk. Fails silently."""


class Disk(Protocol):
    """Where a fetch puts files, over all commits."""

    def commit_of(self, revision: str) -> str | None:
        """The commit that the revision stood for last time, or None."""

    def closed(self, revision: str) -> Path | None:
        """What of it is there, and may not be read by us; None where all may."""

    def tree(self, commit: str) -> list[TreeFile] | None:
        """The complete list of files at a commit, if it was kept."""

    def place(self, commit: str) -> ListingPlace:
        """Where that commit's files go."""

    def usable(self, files: Sequence[TreeFile]) -> tuple[list[TreeFile], tuple[Finding, ...]]:
        """Those of the files that may be written here, and a word about the others."""

    def refused(self, files: Sequence[TreeFile]) -> tuple[Unsafe, ...]:
        """Those of the files that cannot be written beside the others, as this disk takes names, and why."""

    def finish(self, revision: str, commit: str, files: Sequence[TreeFile], *, complete: bool) -> tuple[Finding, ...]:
        """Note what is here now, so that huggingface_hub finds it too; what could not be noted is told."""

    def edited(self, commit: str, paths: Sequence[str]) -> tuple[str, ...]:
        """Those of the paths where a file of somebody's own is: it did not come from here, or was changed since."""

    def remember_absent(self, commit: str, paths: Sequence[str]) -> None:
        """Note that the commit has no such files, where huggingface_hub would note it. Fails silently."""


class CacheDisk:
    """The Hub cache."""

    def __init__(self, cache: RepoCache, again: Collection[str] = ()) -> None:
        self._cache = cache
        self._again = again

    def commit_of(self, revision: str) -> str | None:
        """From refs/."""
        return self._cache.commit_of(revision)

    def closed(self, revision: str) -> Path | None:
        """The folder of the repository, what is in it, or the note of the revision."""
        folder = self._cache.folder
        commit = self.commit_of(revision)
        snapshot = () if commit is None else (folder / "snapshots" / commit,)
        return closed_on((folder, folder / "refs" / revision, folder / "snapshots", *snapshot, folder / "blobs"))

    def tree(self, commit: str) -> list[TreeFile] | None:
        """From trees/."""
        return self._cache.tree(commit)

    def place(self, commit: str) -> Snapshot:
        """A snapshot."""
        return SnapshotAgain(self._cache, commit, self._again) if self._again else self._cache.snapshot(commit)

    def usable(self, files: Sequence[TreeFile]) -> tuple[list[TreeFile], tuple[Finding, ...]]:
        """All of them: a snapshot holds nothing but the repository's files."""
        return list(files), ()

    def refused(self, files: Sequence[TreeFile]) -> tuple[Unsafe, ...]:
        """Names that are one name there."""
        return refused_names(files, naming_of(self._cache.folder))

    def edited(self, commit: str, paths: Sequence[str]) -> tuple[str, ...]:
        """None: nobody edits a cache."""
        return ()

    def remember_absent(self, commit: str, paths: Sequence[str]) -> None:
        """In .no_exist/."""
        with suppress(LocalTrouble):  # a word to others, who ask the Hub without it
            for path in paths:
                self._cache.remember_absent(commit, path)

    def finish(self, revision: str, commit: str, files: Sequence[TreeFile], *, complete: bool) -> tuple[Finding, ...]:
        """The ref, and the list of files if all of them are here. A read-only cache with all files serves as well."""
        try:
            if complete:
                self._cache.remember_tree(commit, files)
            self._cache.remember(revision, commit)
        except LocalTrouble as trouble:
            if trouble.finding.reference != "place-unwritable":
                raise
            return (_unnoted(trouble),)
        return ()


class FolderDisk:
    """A folder of the user's. What `cache` has of its files is copied from there."""

    def __init__(self, folder: Path, again: Collection[str] = (), *, cache: Path | None = None) -> None:
        self._folder = folder
        self._again = again
        self._cache = cache

    def commit_of(self, revision: str) -> str | None:
        """A folder has no refs: the commit of its newest note stands for any name."""
        return revision if is_commit(revision) else noted_commit(self._folder)

    def closed(self, revision: str) -> Path | None:
        """The folder or its notes."""
        notes = self._folder / ".cache" / "huggingface"
        return closed_on((self._folder, notes, notes / "download"))

    def tree(self, commit: str) -> list[TreeFile] | None:
        """From .cache/huggingface/trees/."""
        return LocalDir(self._folder, commit).tree()

    def place(self, commit: str) -> LocalDir:
        """The folder itself."""
        if self._again:
            return LocalDirAgain(self._folder, commit, self._again)
        return LocalDir(self._folder, commit, cache=self._cache)

    def usable(self, files: Sequence[TreeFile]) -> tuple[list[TreeFile], tuple[Finding, ...]]:
        """Not those that would overwrite huggingface_hub's notes."""
        fine = [file for file in files if not is_reserved(file.path)]
        left = [file.path for file in files if is_reserved(file.path)]
        if not left:
            return fine, ()
        message = "Some of the repository's files have names that a folder keeps for notes; they were left out."
        remedy = ("fetch into the cache (without a folder) to have them too",)
        return fine, (Finding("path-reserved", message, tuple(repr(path) for path in left[:5]), remedy, "warning"),)

    def refused(self, files: Sequence[TreeFile]) -> tuple[Unsafe, ...]:
        """Names that are one name there."""
        return refused_names(files, naming_of(self._folder))

    def edited(self, commit: str, paths: Sequence[str]) -> tuple[str, ...]:
        """Those that are there without a note, or newer than it; not those that are to be replaced on purpose."""
        place = LocalDir(self._folder, commit)
        return tuple(path for path in paths if path not in self._again and place.is_own(path))

    def remember_absent(self, commit: str, paths: Sequence[str]) -> None:
        """A folder keeps no such notes."""

    def finish(self, revision: str, commit: str, files: Sequence[TreeFile], *, complete: bool) -> tuple[Finding, ...]:
        """A note per file, and the list of files if all of them are here."""
        place = self.place(commit)
        try:
            for file in files:
                place.refresh(file.path, content_of(file))
            if complete:
                place.remember_tree(files)
        except LocalTrouble as trouble:
            if trouble.finding.reference != "place-unwritable":
                raise
            return (_unnoted(trouble),)
        return ()


def disk_of(request: FetchRequest) -> Disk:
    """The disk that the request names. Raises Misuse when it names two."""
    if request.local_dir is not None and request.cache_dir is not None:
        raise Misuse.of(
            "two-places",
            "A fetch goes either into a cache or into a folder.",
            to_try=("leave out --cache-dir or --local-dir (in Python: cache_dir or local_dir)",),
        )
    if request.local_dir is not None:
        return FolderDisk(request.local_dir.expanduser().absolute(), request.again, cache=default_cache())
    root = request.cache_dir.expanduser().absolute() if request.cache_dir is not None else default_cache()
    return CacheDisk(RepoCache(root, request.repo), request.again)


def check_revision(revision: str) -> str:
    """The revision, if it may become part of a path. Raises Misuse."""
    if not is_safe_path(revision):
        raise Misuse.of("revision-invalid", f"{revision!r} is not a branch, a tag or a commit.")
    return revision


def free_room(folder: Path) -> int:
    """How many bytes are free where `folder` is, or will be made. Raises OSError."""
    there = next(parent for parent in (folder, *folder.parents) if os.path.exists(parent))
    return shutil.disk_usage(there).free


def check_room(plan: Plan, folder: Path) -> None:
    """Raises LocalTrouble (`disk-full`) when the plan cannot fit, before anything is fetched."""
    free = free_room(folder)
    if plan.room > free:
        raise disk_full((no_room(plan.room, free, folder),))


def gather(plan: Plan, place: ListingPlace, observer: Observer = silent) -> None:
    """Bring what the plan's files have elsewhere on this disk to where the engine goes on with it."""
    steps = [step for step in plan.steps if step.have and step.action in ("resume", "replace")]
    done, whole = 0, sum(step.have for step in steps if step.copied)
    for step in steps:
        if step.copied:
            observer(Gathering(step.paths[0], done, whole))
            done += step.have
        place.gather(step.paths[0], step.content)


def _unnoted(trouble: LocalTrouble) -> Finding:
    message = "All files are here, but for want of the right to write, this could not be noted beside them."
    return Finding("place-read-only", message, trouble.finding.evidence, severity="note")
