"""A folder with a repository's files in it, and the notes that huggingface_hub keeps beside them.

    <dir>/path/to/file
    <dir>/.cache/huggingface/
        .gitignore                              "*"
        CACHEDIR.TAG                            (hub/cachedir_tag.py)
        download/path/to/file.metadata          three lines: commit, id (sha256 or git blob id), unix time
        download/path/to/file.lock              the lock of that file
        trees/<commit>.json                     the list of files (hub/tree_cache.py)
        hfpush/                                 ours: drafts (disk/draft.py), safe to delete

A note counts as long as the file is not newer than its time. A file without one is only believed by its digest.
Nothing is written through a link that leads out of the folder; the folder itself may be one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hfpush.disk.atomic import replace_with, write_text
from hfpush.disk.content import Content
from hfpush.disk.copying import copy_file
from hfpush.disk.draft import Draft, DraftHome
from hfpush.disk.plain import read_plain
from hfpush.disk.trouble import disk_trouble
from hfpush.errors import LocalTrouble
from hfpush.hub.cachedir_tag import mark_as_cache
from hfpush.hub.disk_place import DiskPlace
from hfpush.hub.presence import Presence
from hfpush.hub.spare import WORTH_BYTES, Repositories, Spare, best
from hfpush.hub.standing import Standing, leads_out, may_be_folder, standing
from hfpush.hub.tree import TreeFile
from hfpush.hub.tree_cache import is_commit, read_tree, write_tree
from hfpush.lfs.pointer import is_oid

_MOST_NOTE_BYTES = 1 << 16
_CLOCK_GRAIN = 1.0  # seconds that a file may be newer than its note, as in huggingface_hub


@dataclass(frozen=True)
class Note:
    """What huggingface_hub noted about a file when it came."""

    commit: str
    id: str
    time: float


def parse_note(text: str) -> Note | None:
    """The note that a .metadata file holds, or None when it is not one."""
    lines = text.splitlines()
    if len(lines) < 3:
        return None
    with suppress(ValueError):
        return Note(lines[0].strip(), lines[1].strip(), float(lines[2].strip()))
    return None


def read_note(path: Path) -> Note | None:
    """The note in a .metadata file, or None when it is not one. Raises OSError, UnicodeDecodeError."""
    return parse_note(read_plain(path, _MOST_NOTE_BYTES).decode("ascii"))


def is_reserved(path: str) -> bool:
    """Whether a repository's file would overwrite the notes, or stand where their folder must be.

    Some repositories carry such files by mistake.
    """
    parts = path.casefold().split("/")
    return parts == [".cache"] or parts[:2] == [".cache", "huggingface"]


def noted_commit(folder: Path) -> str | None:
    """The commit of the newest note in a folder, or None where nothing is noted."""
    notes = (folder / ".cache" / "huggingface" / "download").rglob("*.metadata")
    found = []
    for path in notes:
        with suppress(OSError, UnicodeDecodeError):  # a note that cannot be read is none
            found.append(read_note(path))
    known = [note for note in found if note is not None and is_commit(note.commit)]
    return max(known, key=lambda note: note.time).commit if known else None


class LocalDir(DiskPlace):
    """The files of one commit in a folder; a Place of receive/. `cache` is where the same bytes may be."""

    def __init__(self, folder: Path, commit: str, *, cache: Path | None = None) -> None:
        super().__init__()
        self.folder = folder
        self._commit = commit
        self._notes = folder / ".cache" / "huggingface"
        self._aside = self._notes / "hfpush"
        self._repositories = None if cache is None else Repositories(cache)
        self._marked = False
        self._checked = False

    def names(self) -> list[str]:
        """The paths that are noted as files of this commit, sorted."""
        notes = self._notes / "download"
        found = (path.relative_to(notes).as_posix().removesuffix(".metadata") for path in notes.rglob("*.metadata"))
        return sorted(name for name in found if (note := self._note(name)) is not None and note.commit == self._commit)

    def tree(self) -> list[TreeFile] | None:
        """The complete list of this commit's files, if it was kept."""
        return read_tree(self._notes, self._commit)

    def remember_tree(self, files: Sequence[TreeFile]) -> None:
        """Keep the complete list of files, if that is news; only when all of them are here. Raises LocalTrouble."""
        if self.tree() is None:
            self._check_notes()
            write_tree(self._notes, self._commit, files, self._aside)

    def file(self, path: str) -> Path:
        """Where that file is for its reader."""
        return self.folder / path

    def presence(self, path: str, content: Content) -> Presence:
        """What is there of one file. A note of a newer or older commit that names another sha256 is believed."""
        file = self.file(path)
        there = standing(file)
        if there is Standing.BLOCKED or leads_out(self.folder, path):
            return Presence.BLOCKED if may_be_folder(self.folder) else Presence.ABSENT  # that is told once, for all
        if there is Standing.NOTHING:
            return Presence.ABSENT
        try:
            size = file.stat().st_size
        except OSError:  # a link to nothing
            return Presence.DIFFERENT
        if size != content.size:
            return Presence.DIFFERENT
        note = self._note(path)
        if note is not None and note.id == content.id:
            return Presence.PLACED
        other = note is not None and note.commit != self._commit and is_oid(note.id) and is_oid(content.id)
        return Presence.DIFFERENT if other else Presence.UNPROVEN

    def home(self, path: str, content: Content) -> DraftHome:
        """Drafts lie with the notes, under the lock that huggingface_hub would take for that path.

        Raises LocalTrouble (`link-leads-out`) where the notes would lie elsewhere."""
        self._check_notes()
        return DraftHome(self._aside, content, self._note_file(path).with_suffix(".lock"))

    def put(self, content: Content, paths: Sequence[str], draft: Draft | None, *, proven: Sequence[str] = ()) -> None:
        """Publish the draft at the first path, copy it to the others, and note all of them.

        Raises LocalTrouble, Busy (`draft-lost`).
        """
        self._check_inside(paths)
        right = [path for path in paths if path in proven or self.presence(path, content) is Presence.PLACED]
        if draft is not None:
            draft.publish(self.file(paths[0]))
            right.append(paths[0])
        self._spread(content, paths, right)

    def put_small(
        self, content: Content, paths: Sequence[str], data: bytes, then: Callable[[], object] = lambda: None
    ) -> None:
        """Show a small file whose bytes were verified in memory: soon, and at the latest when `flush` returns.

        `then` is called when it is there, perhaps in another thread. Raises LocalTrouble, also for others before it.
        """

        def note() -> None:
            self._spread(content, paths, [paths[0]])
            then()

        self._check_inside(paths)
        self._group.add(self.home(paths[0], content), data, self.file(paths[0]), note)

    def is_own(self, path: str) -> bool:
        """Whether a file is there that is somebody's own: it did not come from a Hub, or was changed since."""
        return standing(self.file(path)) is not Standing.NOTHING and self._note(path) is None

    def refresh(self, path: str, content: Content) -> None:
        """Note that a file which was here before is also the one of this commit, if that is news."""
        note = self._note(path)
        if note is None or note.commit != self._commit:
            self._write_note(path, content)

    def _note_file(self, path: str) -> Path:
        return self._notes / "download" / f"{path}.metadata"

    def _note(self, path: str) -> Note | None:
        try:
            note = read_note(self._note_file(path))
            if note is not None and self.file(path).stat().st_mtime - _CLOCK_GRAIN <= note.time:
                return note
        except (OSError, UnicodeDecodeError):  # no note, or an unreadable one: the digest decides
            return None
        return None

    def _spread(self, content: Content, paths: Sequence[str], right: Sequence[str]) -> None:
        for path in paths:
            if path not in right:
                self._copy(self.file(right[0]), self.file(path))
            self._write_note(path, content)

    def _spare(self, path: str, content: Content) -> Spare | None:
        """A blob of the cache, an unfinished download."""
        if content.size < WORTH_BYTES:
            return None
        elsewhere = None if self._repositories is None else next(self._repositories.finished(content), None)
        return elsewhere or best(self._unfinished.parts_of(content, self._note_file(path).parent))

    def _check_inside(self, paths: Sequence[str]) -> None:
        for path in paths:
            if leads_out(self.folder, path):
                raise _outside(self.file(path))

    def _check_notes(self) -> None:
        for folder in ("download", "hfpush", "trees") if not self._checked else ():
            where = self._notes / folder
            if may_be_folder(where) and leads_out(self.folder, f".cache/huggingface/{folder}/note"):
                raise _outside(where)
        self._checked = True

    def _write_note(self, path: str, content: Content) -> None:
        self._check_notes()
        if not self._marked:
            if not (self._notes / ".gitignore").exists():
                write_text(self._notes / ".gitignore", "*", self._aside)
            mark_as_cache(self._notes, self._aside)
            self._marked = True
        write_text(self._note_file(path), f"{self._commit}\n{content.id}\n{time.time()}\n", self._aside)

    def _copy(self, source: Path, target: Path) -> None:
        try:
            replace_with(target, self._aside, lambda aside: copy_file(source, aside), shared=True)
        except OSError as error:
            raise disk_trouble(error, target) from error


def _outside(path: Path) -> LocalTrouble:
    return LocalTrouble.of(
        "link-leads-out",
        "A link in the folder leads out of it; nothing is written through it.",
        seen=(f"{path} would lie elsewhere",),
        to_try=("remove the link, or name the folder where the files are to be",),
    )
