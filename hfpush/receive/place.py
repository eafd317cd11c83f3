"""Where files go: what the engine needs to know of a cache, or of a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from hfpush.disk.content import Content
from hfpush.disk.draft import Draft, DraftHome
from hfpush.hub.presence import Presence


class Place(Protocol):
    """A folder layout that takes files of one commit. Safe to use from several threads, for different contents.

    Nothing is written before `home`'s draft is claimed or `put` is called; reading never needs a right to write.
    """

    @property
    def folder(self) -> Path:
        """Where the user finds the files."""

    def presence(self, path: str, content: Content) -> Presence:
        """What is there of one file."""

    def file(self, path: str) -> Path:
        """Where that file is for its reader."""

    def home(self, path: str, content: Content) -> DraftHome:
        """Where a draft of it lies."""

    def put(self, content: Content, paths: Sequence[str], draft: Draft | None, *, proven: Sequence[str] = ()) -> None:
        """Show `content` at every one of `paths`: a verified draft, or (None) bytes that are here already.

        `proven` are those of the paths whose own bytes were found to be right. May be done twice. Raises LocalTrouble;
        Busy (`draft-lost`) when the draft is no longer ours.
        """
