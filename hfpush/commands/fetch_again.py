"""Places in which some files are known to be wrong: they count as absent until right ones are put there.

What is wrong, and how that was found out, is verify's business. The wrong file stays where it is until the moment in
which a verified one takes its place.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path

from hfpush.disk.content import Content
from hfpush.disk.draft import Draft
from hfpush.hub.cache import RepoCache, Snapshot
from hfpush.hub.local_dir import LocalDir
from hfpush.hub.presence import Presence


class SnapshotAgain(Snapshot):
    """A snapshot of which the files of `again` are wrong: the blob, or what stands for it in the snapshot.

    Of files with one content either all that show its blob are named, or none.
    """

    def __init__(self, cache: RepoCache, commit: str, again: Collection[str]) -> None:
        super().__init__(cache, commit)
        self._again = set(again)

    def presence(self, path: str, content: Content) -> Presence:
        """As for any snapshot, but for the files that are wrong."""
        return Presence.ABSENT if path in self._again else super().presence(path, content)

    def put(self, content: Content, paths: Sequence[str], draft: Draft | None, *, proven: Sequence[str] = ()) -> None:
        """As for any snapshot; whatever stood there goes."""
        self._give_way(content, paths)
        super().put(content, paths, draft, proven=proven)

    def put_small(
        self, content: Content, paths: Sequence[str], data: bytes, then: Callable[[], object] = lambda: None
    ) -> None:
        """As for any snapshot; whatever stood there goes."""
        self._give_way(content, paths)
        super().put_small(content, paths, data, then)

    def _give_way(self, content: Content, paths: Sequence[str]) -> None:
        blobs = os.path.realpath(self._cache.folder / "blobs")
        for path in self._again.intersection(paths):
            pointer = self.file(path)
            if not pointer.is_symlink() or _target(pointer) != os.path.join(blobs, content.id):
                _take_away(pointer)
            self._again.discard(path)


class LocalDirAgain(LocalDir):
    """A folder in which the files of `again` are wrong, whatever is noted about them."""

    def __init__(self, folder: Path, commit: str, again: Collection[str]) -> None:
        super().__init__(folder, commit)
        self._again = set(again)

    def presence(self, path: str, content: Content) -> Presence:
        """As for any folder, but for the files that are wrong."""
        return Presence.ABSENT if path in self._again else super().presence(path, content)

    def put(self, content: Content, paths: Sequence[str], draft: Draft | None, *, proven: Sequence[str] = ()) -> None:
        """As for any folder; what was noted about the wrong files is forgotten first."""
        self._forget(paths)
        super().put(content, paths, draft, proven=proven)

    def put_small(
        self, content: Content, paths: Sequence[str], data: bytes, then: Callable[[], object] = lambda: None
    ) -> None:
        """As for any folder; what was noted about the wrong files is forgotten first."""
        self._forget(paths)
        super().put_small(content, paths, data, then)

    def _forget(self, paths: Sequence[str]) -> None:
        for path in self._again.intersection(paths):
            _take_away(self._note_file(path))
            self._again.discard(path)


def _target(pointer: Path) -> str:
    """Where a link leads, of which only the folder is followed further."""
    folder, name = os.path.split(os.path.join(pointer.parent, os.readlink(pointer)))
    return os.path.join(os.path.realpath(folder), name)


def _take_away(path: Path) -> None:
    with suppress(OSError):  # gone already; and where it may not be removed, putting another there will say so
        path.unlink()
