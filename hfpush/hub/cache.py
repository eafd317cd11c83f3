"""The cache of huggingface_hub, as it lies on a disk: what we write there, it reads, in all its versions.

    <root>/.locks/models--ns--name/<id>.lock            the lock of a blob while it is fetched
    <root>/models--ns--name/
        .hfpush/                                        ours: drafts (disk/draft.py), safe to delete
        refs/<revision>                                 the commit's 40 hex digits, no newline
        blobs/<id>                                      a file's bytes; <id> is its sha256 (LFS) or git blob id
        snapshots/<commit>/path/to/file                 relative symbolic link to ../../../../blobs/<id>, or a copy
        trees/<commit>.json                             the list of files (hub/tree_cache.py)

        .no_exist/<commit>/path/to/file                 empty: that commit has no such file
    <root>/blobs/                                   contents that several repositories share (1.33 and newer, over Xet
                                                    only): blobs/<id> is then a link to there. We read them, and leave
                                                    them and their list of users alone

A blob of the right size is trusted, as huggingface_hub trusts it: what is written there was verified or is its own.
Where a file system has no symbolic links, or HF_HUB_DISABLE_SYMLINKS says so, the files themselves are in the snapshot
and there are no blobs.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from hfpush.disk.atomic import replace_with, write_text
from hfpush.disk.content import Content
from hfpush.disk.copying import copy_file
from hfpush.disk.draft import Draft, DraftHome
from hfpush.disk.folder import make_folder, make_our_folder
from hfpush.disk.plain import read_plain
from hfpush.disk.trouble import disk_trouble
from hfpush.endpoints import RepoAddress
from hfpush.errors import Misuse
from hfpush.hub.disk_place import DiskPlace
from hfpush.hub.presence import Presence
from hfpush.hub.spare import WORTH_BYTES, Repositories, Spare, best, whole
from hfpush.hub.standing import Standing, may_be_folder, standing
from hfpush.hub.tree import TreeFile, is_safe_path
from hfpush.hub.tree_cache import is_commit, read_tree, write_tree

_MOST_REF_BYTES = 4096
_SAYS_NOTHING = {errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EDQUOT}


def default_cache() -> Path:
    """Where huggingface_hub keeps its cache, by the rules and variables of the installed version."""
    from huggingface_hub import constants  # not at the top: it takes as long as our whole start

    return Path(constants.HF_HUB_CACHE).expanduser()


def read_ref(path: Path) -> str | None:
    """The commit that a file of refs/ names; None when it names none. Raises OSError."""
    text = read_plain(path, _MOST_REF_BYTES).decode("ascii", "replace").strip()
    return text if is_commit(text) else None


class RepoCache:
    """One repository in a cache at `root`. Nothing is made on disk before something is written."""

    def __init__(self, root: Path, repo: RepoAddress) -> None:
        self.root = root
        name = "--".join((f"{repo.type}s", *repo.id.split("/")))
        self.folder = root / name
        self.locks = root / ".locks" / name
        self.aside = self.folder / ".hfpush"

    def commit_of(self, revision: str) -> str | None:
        """The commit that a revision stood for when it was last fetched; None when that is not known."""
        if is_commit(revision):
            return revision
        try:
            return read_ref(self.folder / "refs" / _checked(revision))
        except OSError:  # never fetched, or not ours to read: the same to a reader
            return None

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

    def remember_absent(self, commit: str, path: str) -> None:
        """Note that a commit has no such file, so that huggingface_hub need not ask, either. Raises LocalTrouble."""
        note = self.folder / ".no_exist" / commit / path
        if is_safe_path(path) and is_commit(commit) and not note.exists():
            write_text(note, "", self.aside)

    def snapshot(self, commit: str) -> Snapshot:
        """The place of the files of one commit."""
        return Snapshot(self, commit)

    def _ref_text(self, revision: str) -> str | None:
        try:
            return read_plain(self.folder / "refs" / _checked(revision), _MOST_REF_BYTES).decode("ascii")
        except (OSError, UnicodeDecodeError):  # then it is written
            return None


class Snapshot(DiskPlace):
    """The files of one commit in a cache; a Place of receive/."""

    def __init__(self, cache: RepoCache, commit: str) -> None:
        super().__init__()
        self._cache = cache
        self.folder = cache.folder / "snapshots" / commit
        self._repositories = Repositories(cache.root)
        self._linking: bool | None = None

    def names(self) -> list[str]:
        """The paths that are there, complete or not, sorted."""
        found = (path for path in self.folder.rglob("*") if os.path.isfile(path))
        return sorted(path.relative_to(self.folder).as_posix() for path in found)

    def file(self, path: str) -> Path:
        """Where that file is for its reader."""
        return self.folder / path

    def presence(self, path: str, content: Content) -> Presence:
        """What is there of one file. UNPROVEN is a link to a blob of another name: a mirror may have its own ETags."""
        pointer = self.file(path)
        there = standing(pointer)
        if there is Standing.BLOCKED:
            return Presence.BLOCKED if may_be_folder(self.folder) else Presence.ABSENT  # that is told once, for all
        size = _size(pointer)
        if size == content.size and (there is Standing.FILE or _names(pointer, content)):
            return Presence.PLACED
        if _size(self._blob(content)) == content.size:
            return Presence.STORED
        if size == content.size:
            return Presence.UNPROVEN
        return Presence.ABSENT if size is None or _names(pointer, content) else Presence.DIFFERENT

    def home(self, path: str, content: Content) -> DraftHome:
        """Drafts are under the lock that huggingface_hub would take."""
        cache = self._cache
        return DraftHome(cache.aside, content, cache.locks / f"{content.id}.lock", cache.folder / "blobs")

    def put(self, content: Content, paths: Sequence[str], draft: Draft | None, *, proven: Sequence[str] = ()) -> None:
        """Publish the draft as a blob, and point to it from every path. Raises LocalTrouble, Busy (`draft-lost`)."""
        blob = self._blob(content)
        if draft is not None:
            draft.publish(blob if self._has_links() else self.file(paths[0]))
        elif proven and _size(blob) != content.size:
            self._take_in(self.file(proven[0]), blob)
        self._show(content, paths)

    def put_small(
        self, content: Content, paths: Sequence[str], data: bytes, then: Callable[[], object] = lambda: None
    ) -> None:
        """Show a small file whose bytes were verified in memory: soon, and at the latest when `flush` returns.

        `then` is called when it is there, perhaps in another thread. Raises LocalTrouble, also for others before it.
        """

        def show() -> None:
            self._show(content, paths)
            then()

        target = self._blob(content) if self._has_links() else self.file(paths[0])
        self._group.add(self.home(paths[0], content), data, target, show)

    def _show(self, content: Content, paths: Sequence[str]) -> None:
        blob = self._blob(content)
        stored = _size(blob) == content.size
        for path in paths:
            if stored and self._has_links():
                self._link(path, content)
            elif self.presence(path, content) is not Presence.PLACED:
                self._copy(blob if stored else self._copy_of(content, paths), self.file(path))

    def _blob(self, content: Content) -> Path:
        return self._cache.folder / "blobs" / content.id

    def _spare(self, path: str, content: Content) -> Spare | None:
        """In this cache: a file of another repository or commit, an unfinished download."""
        if content.size < WORTH_BYTES:
            return None
        cache = self._cache
        elsewhere = next(self._repositories.finished(content, besides=cache.folder), None) or self._copied(
            path, content
        )
        return elsewhere or best(self._unfinished.parts_of(content, cache.folder / "blobs"))

    def _copied(self, path: str, content: Content) -> Spare | None:
        """The plain file of another commit: where there are no links, there is no blob to be found by its name."""
        with suppress(OSError), os.scandir(self.folder.parent) as commits:
            files = (self.folder.parent / commit.name / path for commit in commits)
            return next((spare for file in files if not file.is_symlink() and (spare := whole(file, content))), None)
        return None

    def _copy_of(self, content: Content, paths: Sequence[str]) -> Path:
        """Without symbolic links a file may be in a snapshot and not among the blobs."""
        for path in paths:
            if self.presence(path, content) is Presence.PLACED:
                return self.file(path)
        return self._blob(content)

    def _take_in(self, pointer: Path, blob: Path) -> None:
        """Give a blob that lies there under another name the one it should have, too."""
        source = pointer.resolve()
        self._replace(blob, lambda aside: _link_or_copy(source, aside))

    def _has_links(self) -> bool:
        """Whether symbolic links are wanted and possible; tried once, by making one."""
        if self._linking is None:
            self._linking = _links_wanted() and _can_link(self._cache.aside)
        return self._linking

    def _link(self, path: str, content: Content) -> None:
        """Point from `path` to the blob; what is there and right stays as it is."""
        pointer = self.file(path)
        target = "/".join([".."] * (path.count("/") + 2) + ["blobs", content.id])
        try:
            try:
                os.symlink(target, pointer)
            except FileNotFoundError:
                make_folder(pointer.parent)
                os.symlink(target, pointer)
        except FileExistsError:
            if self.presence(path, content) is not Presence.PLACED:
                self._replace(pointer, lambda aside: os.symlink(target, aside))
        except OSError as error:
            raise disk_trouble(error, pointer) from error

    def _copy(self, source: Path, target: Path) -> None:
        self._replace(target, lambda aside: copy_file(source, aside), shared=True)

    def _replace(self, target: Path, make: Callable[[Path], object], *, shared: bool = False) -> None:
        try:
            replace_with(target, self._cache.aside, make, shared=shared)
        except OSError as error:
            raise disk_trouble(error, target) from error


def _links_wanted() -> bool:
    from huggingface_hub import constants  # not at the top: see default_cache

    return not getattr(constants, "HF_HUB_DISABLE_SYMLINKS", False)


def _can_link(folder: Path) -> bool:
    probe = folder / f"{secrets.token_hex(8)}.link"
    try:
        make_our_folder(folder)
        os.symlink("target", probe)
        probe.unlink()
    except (NotImplementedError, OSError) as error:
        # Where nothing at all can be written the next write says so; here it is only asked about links.
        return isinstance(error, OSError) and error.errno in _SAYS_NOTHING
    return True


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links, or a blob that belongs to somebody else
        copy_file(source, target)


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
