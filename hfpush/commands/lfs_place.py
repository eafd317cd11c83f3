"""The store of git-lfs as a place that the fetch engine fills.

An object on its way lies in `lfs/incomplete` beside git-lfs's own, as `<oid>.hfpush-draft`; whoever needs it next goes
on with it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from hfpush.disk.content import Content
from hfpush.disk.draft import Draft, DraftHome
from hfpush.disk.trouble import disk_trouble
from hfpush.hub.presence import Presence
from hfpush.lfs.pointer import Pointer
from hfpush.repo.filter.store import Store


class LfsPlace:
    """As fetch.place.Place says; the paths of files do not matter, each object is one file of the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._incomplete = store.folder.parent / "incomplete"

    @property
    def folder(self) -> Path:
        """Where the objects are."""
        return self._store.folder

    def presence(self, path: str, content: Content) -> Presence:
        """PLACED for an object that is here with its size."""
        return Presence.PLACED if self._store.has(Pointer(content.id, content.size)) else Presence.ABSENT

    def file(self, path: str) -> Path:
        """Not asked for here: no object of the store is ever unproven."""
        raise AssertionError(f"an object of the store is wanted by its path, {path!r}")

    def home(self, path: str, content: Content) -> DraftHome:
        """Where a draft of the object lies."""
        return DraftHome(self._incomplete, content, self._lock(content))

    def put(self, content: Content, paths: Sequence[str], draft: Draft | None, *, proven: Sequence[str] = ()) -> None:
        """Put a verified draft into the store. Raises LocalTrouble; Busy when the draft is no longer ours."""
        if draft is None:
            return
        place = self._store.path(content.id)
        try:
            self._store.prepare(place)
        except OSError as error:
            raise disk_trouble(error, place) from error
        draft.publish(place)
        with suppress(OSError):  # the lock only spares a second download; a name that is gone is made again
            os.unlink(self._lock(content))
        self._store.settle(place)

    def _lock(self, content: Content) -> Path:
        return self._incomplete / f"{content.id}.lock"
