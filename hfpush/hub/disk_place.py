"""What a cache and a folder have in common as places of receive/: bytes that lie elsewhere are made use of, and small
files are shown together. Where that elsewhere is, and where the files go, each of them knows.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from hfpush.disk.content import Content
from hfpush.disk.draft import DraftHome, waiting_bytes
from hfpush.disk.small import Group
from hfpush.hub.spare import Spare, Unfinished, gather


class DiskPlace(ABC):
    """The files of one commit on a disk. Small files go into `_group`; each folder of `_unfinished` is listed once."""

    def __init__(self) -> None:
        self._unfinished = Unfinished()
        self._group = Group()

    @abstractmethod
    def home(self, path: str, content: Content) -> DraftHome:
        """Where a draft of it lies."""

    def waiting(self, path: str, content: Content) -> int:
        """How many bytes need not come over the wire: those of a draft, and those that `gather` would find."""
        spare = self._spare(path, content)
        return max(waiting_bytes(self.home(path, content)), 0 if spare is None else spare.bytes)

    def gather(self, path: str, content: Content) -> None:
        """Make a draft of what lies elsewhere: a finished file of the same bytes, an unfinished download."""
        spare = self._spare(path, content)
        if spare is not None:
            gather(self.home(path, content), spare)

    def flush(self) -> None:
        """Every small file that was put before is there when this returns. Raises LocalTrouble."""
        self._group.flush()

    @abstractmethod
    def _spare(self, path: str, content: Content) -> Spare | None:
        """The best that lies elsewhere of a file, if it is worth anything."""
