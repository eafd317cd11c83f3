"""One object on its way: its state, its journal, and which of its steps are under way just now."""

from __future__ import annotations

from dataclasses import dataclass, field

from hfpush.lfs.pointer import Pointer
from hfpush.transfer.happened import Event, Leased
from hfpush.transfer.journal import Journal, JournalStore
from hfpush.transfer.observe import How
from hfpush.transfer.source import Source
from hfpush.transfer.state import UploadState


@dataclass(frozen=True)
class UploadObject:
    """An LFS object to be sent, and where its bytes are. `offer` is a lease got while asking what is missing."""

    pointer: Pointer
    source: Source
    offer: Leased | None = None


@dataclass
class Upload:
    """The mutable side of an upload. Only the engine touches it, under its lock.

    `queued` are parts waiting or being sent; `asking` and `closing` say that a lease, or the completion or
    verification, is under way; `done` that nothing more happens, though parts may still be in the queue. A journal is
    kept only for uploads in parts: an object sent whole has nothing to resume.
    """

    object: UploadObject
    scope: str
    journals: JournalStore
    state: UploadState = field(default_factory=UploadState)
    queued: set[int] = field(default_factory=set)
    asking: bool = False
    closing: bool = False
    opened: bool = False
    done: bool = False
    resumed_bytes: int = 0
    tagless: set[int] = field(default_factory=set)  # parts that were once acknowledged without an ETag
    last_words: tuple[str, ...] = ()  # what the server said when it last took a lease or an upload back
    _journal: Journal | None = None

    def happened(self, event: Event) -> None:
        """Keep an event and move the state. Raises LocalTrouble when the journal cannot be written."""
        opens = isinstance(event, Leased) and not self.opened
        if isinstance(event, Leased) and opens:
            self._open(event)
        if self._journal is not None:
            self._journal.append(event)
        self.state = self.state.after(event)
        if opens:
            self.resumed_bytes = self.stored_bytes
        elif not self.state.stored:
            self.resumed_bytes = 0  # the upload they were in is lost

    def _open(self, event: Leased) -> None:
        self.opened = True
        if event.lease.in_parts:
            self._journal = self.journals.open(self.scope, self.object.pointer)
            self.state = UploadState.replay(self._journal.events).resumed()

    @property
    def stored_bytes(self) -> int:
        """Bytes of the object that are at the server, by what we know."""
        lease = self.state.lease
        if lease is None:
            return 0
        ranges = map(lease.range_of, self.state.stored)
        return sum(stop - start for start, stop in ranges)

    @property
    def kept_bytes(self) -> int:
        """Bytes of the object that no later run has to send again, by what we know."""
        if self.done:
            return self.object.pointer.size
        return self.stored_bytes if self._journal is not None else 0

    @property
    def how(self) -> How:
        """How the object came to the server."""
        if self.state.lease is None:
            return "present"
        return "resumed" if self.resumed_bytes else "sent"

    def over(self) -> None:
        """The upload is done: nothing of it needs to be remembered."""
        self.done = True
        if self._journal is not None:
            self._journal.remove()
            self._journal = None
        else:
            self.journals.forget(self.scope, self.object.pointer)

    def pause(self) -> None:
        """Stop here; the journal stays for the next run."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None
