"""The cache of huggingface_hub, as it lies on a disk: what we write there, it reads, in all its versions.

    <root>/.locks/models--ns--name/<id>.lock            the lock of a blob while it is fetched
    <root>/models--ns--name/
        .hfpush/                                        ours: drafts (disk/draft.py), safe to delete
        refs/<revision>                                 the commit's 40 hex digits, no newline
        blobs/<id>                                      a file's bytes; <id> is its sha256 (LFS) or git blob id
        snapshots/<commit>/path/to/file                 relative symbolic link to ../../../../blobs/<id>, or a copy
        trees/<commit>.json                             the list of files (hub/tree_cache.py)

A blob of the right size is trusted, as huggingface_hub trusts it: what is written there was verified or is its own.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from hfpush.disk.atomic import replace_with, write_text
from hfpush.disk.content import Content
from hfpush.disk.draft import Draft, DraftHome
from hfpush.disk.trouble import disk_trouble
from hfpush.endpoints import RepoAddress
from hfpush.errors import Misuse
from hfpush.hub.presence import Presence
from hfpush.hub.tree import TreeFile, is_safe_path
from hfpush.hub.tree_cache import is_commit, read_tree, write_tree


def default_cache() -> Path:
    """Where huggingface_hub keeps its cache, by the rules and variables of the installed version."""
    from huggingface_hub import constants  # not at the top: it takes as long as our whole start

    return Path(constants.HF_HUB_CACHE).expanduser()


class RepoCache:
    """One repository in a cache at `root`. Nothing is made on disk before something is written."""

    def __init__(self, root: Path, repo: RepoAddress) -> None:
        from huggingface_hub.file_download import repo_folder_name

        self.root = root
        name = repo_folder_name(repo_id=repo.id, repo_type=repo.type)
        self.folder = root / name
        self.locks = root / ".locks" / name
        self.aside = self.folder / ".hfpush"

    def commit_of(self, revision: str) -> str | None:
        """The commit that a revision stood for when it was last fetched; None when that is not known."""
        if is_commit(revision):
            return revision
        try:
            text = (self.folder / "refs" / _checked(revision)).read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):  # never fetched, or not ours to read: the same to a reader
            return None
        return text if is_commit(text) else None

    def remember(self, revision: str, commit: str) -> None:
        """Note what a revision stands for now, if that is news. Raises LocalTrouble."""
        if revision != commit and self._ref_text(revision) != commit:
            write_text(self.folder / "refs" / _checked(revision), commit, self.aside)

    def tree(self, commit: str) -> list[TreeFile] | None:
        """The complete list of files at a commit, if it was kept."""
        return read_tree(self.folder, commit)

    def remember_tree(self, commit: str, files: Sequence[TreeFile]) -> None:
        """Keep the complete list of files, if that is news; only when all of them are here. Raises LocalTrouble."""
        if self.tree(commit) is None:
            write_tree(self.folder, commit, files, self.aside)

    def snapshot(self, commit: str) -> Snapshot:
        """The place of the files of one commit."""
        return Snapshot(self, commit)

    def _ref_text(self, revision: str) -> str | None:
        try:
            return (self.folder / "refs" / _checked(revision)).read_text("ascii")
        except (OSError, UnicodeDecodeError):  # then it is written
            return None


class Snapshot:
    """The files of one commit in a cache; a Place of receive/."""

    def __init__(self, cache: RepoCache, commit: str) -> None:
        self._cache = cache
        self.folder = cache.folder / "snapshots" / commit

    def names(self) -> list[str]:
        """The paths that are there, complete or not, sorted."""
        found = (path for path in self.folder.rglob("*") if os.path.isfile(path))
        return sorted(path.relative_to(self.folder).as_posix() for path in found)

    def file(self, path: str) -> Path:
        """Where that file is for its reader."""
        return self.folder / path

    def presence(self, path: str, content: Content) -> Presence:
        """What is there of one file."""
        pointer, blob = self.file(path), self._blob(content)
        if _size(pointer) == content.size and (not pointer.is_symlink() or _names(pointer, content)):
            return Presence.PLACED
        return Presence.STORED if _size(blob) == content.size else Presence.ABSENT

    def home(self, path: str, content: Content) -> DraftHome:
        """Drafts are under the lock that huggingface_hub would take."""
        cache = self._cache
        return DraftHome(cache.aside, content, cache.locks / f"{content.id}.lock", cache.folder / "blobs")

    def put(self, content: Content, paths: Sequence[str], draft: Draft | None, *, proven: Sequence[str] = ()) -> None:
        """Publish the draft as a blob, and point to it from every path. Raises LocalTrouble, Busy (`draft-lost`)."""
        blob = self._blob(content)
        if draft is not None:
            draft.publish(blob)
        for path in paths:
            if self.presence(path, content) is not Presence.PLACED:
                self._point(self.file(path), blob if _size(blob) == content.size else self._copy_of(content, paths))

    def _blob(self, content: Content) -> Path:
        return self._cache.folder / "blobs" / content.id

    def _copy_of(self, content: Content, paths: Sequence[str]) -> Path:
        """Without symbolic links a file may be in a snapshot and not among the blobs."""
        for path in paths:
            if self.presence(path, content) is Presence.PLACED:
                return self.file(path)
        return self._blob(content)

    def _point(self, pointer: Path, blob: Path) -> None:
        try:
            pointer.parent.mkdir(parents=True, exist_ok=True)
            target = os.path.relpath(blob, pointer.parent)
            try:
                os.symlink(target, pointer)
            except FileExistsError:
                replace_with(pointer, self._cache.aside, lambda aside: os.symlink(target, aside))
        except (NotImplementedError, OSError) as error:
            self._copy(blob, pointer, error)

    def _copy(self, blob: Path, pointer: Path, why: BaseException) -> None:
        """A file system without symbolic links gets a copy; any other trouble shows itself once more here."""
        try:
            replace_with(pointer, self._cache.aside, lambda aside: shutil.copyfile(blob, aside))
        except OSError as error:
            raise disk_trouble(error, pointer) from why


def _checked(revision: str) -> str:
    if not is_safe_path(revision):
        raise Misuse.of("revision-invalid", f"{revision!r} is not a revision.")
    return revision


def _size(path: Path) -> int | None:
    with suppress(OSError, ValueError):  # not there, or behind a folder that we may not enter
        facts = path.stat()
        return facts.st_size if stat.S_ISREG(facts.st_mode) else None
    return None


def _names(pointer: Path, content: Content) -> bool:
    with suppress(OSError):
        return os.path.basename(os.readlink(pointer)) == content.id
    return False
