"""The state of one upload, and what to do next.

Nothing here touches network, disk or clock: events come in, steps go out. The engine performs steps;
the journal keeps events; this file decides. Starting and resuming are the same: replay, then `next_step`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from hfpush.lfs.lease import Lease
from hfpush.transfer.happened import Event, Leased, LeaseLost, PartStored, UploadLost, Verified

MAX_FRUITLESS_LEASES = 4
MAX_LOST_UPLOADS = 3


@dataclass(frozen=True)
class AskLease:
    """Ask the batch API where to send the object."""


@dataclass(frozen=True)
class SendParts:
    """These part numbers are still to be sent under `lease`."""

    lease: Lease
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Complete:
    """Every part is stored: have them put together, in this order."""

    lease: Lease
    etags: tuple[str, ...]


@dataclass(frozen=True)
class Verify:
    """The object is whole: let the server confirm it."""

    lease: Lease


@dataclass(frozen=True)
class Done:
    """Nothing is left to do."""


@dataclass(frozen=True)
class GiveUp:
    """Going on would only go in circles. `reference` and `message` make the finding."""

    reference: str
    message: str


Step = AskLease | SendParts | Complete | Verify | Done | GiveUp


@dataclass(frozen=True)
class UploadState:
    """Where one upload stands. `stored` maps part numbers to ETags inside the current lease's upload only."""

    lease: Lease | None = None
    leased_at: float = 0.0
    usable: bool = False
    stored: Mapping[int, str] = field(default_factory=dict)
    fruitless_leases: int = 0
    lost_uploads: int = 0
    completed: bool = False
    verified: bool = False

    @classmethod
    def replay(cls, events: Iterable[Event]) -> UploadState:
        """The state after `events`, in their order."""
        state = cls()
        for event in events:
            state = state.after(event)
        return state

    def after(self, event: Event) -> UploadState:
        """The state once `event` has happened. Events about another upload than the current one change nothing."""
        if isinstance(event, Leased):
            return self._leased(event)
        if isinstance(event, Verified):
            return replace(self, completed=True, verified=True)
        if self.lease is None or event.upload_id != self.lease.upload_id:
            return self
        if isinstance(event, PartStored):
            if event.number not in self.lease.numbers or (self.lease.in_parts and not event.etag):
                return self
            return replace(self, stored={**self.stored, event.number: event.etag}, fruitless_leases=0)
        if isinstance(event, LeaseLost):
            return replace(self, usable=False)
        if isinstance(event, UploadLost):
            return replace(self, usable=False, stored={}, completed=False, lost_uploads=self.lost_uploads + 1)
        return replace(self, completed=self._all_stored)

    def _leased(self, event: Leased) -> UploadState:
        new, old = event.lease, self.lease
        fruitless = self.fruitless_leases + 1
        if self.completed and new.verify is None:
            # Leases are for what the server lacks: it has lost the object, and there is no verification to say so.
            return UploadState(new, event.at, True, {}, fruitless, self.lost_uploads + 1)
        if old is not None and new.upload_id == old.upload_id and new.part_bytes == old.part_bytes:
            return replace(self, lease=new, leased_at=event.at, usable=True, fruitless_leases=fruitless)
        if self.usable and self.stored and not self._ends_soon(event.at):
            # A new upload would start from nothing, while the old one is still taken: stay with what is stored.
            return self
        lost = self.lost_uploads + (1 if self.stored else 0)
        return UploadState(new, event.at, True, {}, fruitless, lost)

    def resumed(self) -> UploadState:
        """The same state for a new run, with its own patience: earlier runs may have been cut anywhere."""
        return replace(self, fruitless_leases=0, lost_uploads=0)

    @property
    def _all_stored(self) -> bool:
        return self.lease is not None and len(self.stored) == len(self.lease.numbers)

    def _ends_soon(self, now: float) -> bool:
        """Whether the lease should be renewed before anything more is sent under it: in its last tenth, or minute."""
        return self.lease is not None and not Leased(self.lease, self.leased_at).usable_at(now)

    def next_step(self, now: float) -> Step:
        """What to do at unix time `now`."""
        if self.verified:
            return Done()
        if self.lost_uploads >= MAX_LOST_UPLOADS:
            text = (
                f"The server lost or refused the upload {self.lost_uploads} times, so sending it again would not help."
            )
            return GiveUp("upload-lost", text)
        if self.lease is not None and self.completed:
            return Verify(self.lease)
        if self.lease is None or not self.usable or self._ends_soon(now):
            if self.fruitless_leases >= MAX_FRUITLESS_LEASES:
                text = f"{self.fruitless_leases} leases in a row ended before a single part had been taken."
                return GiveUp("lease-fruitless", text)
            return AskLease()
        if not self._all_stored:
            return SendParts(self.lease, tuple(number for number in self.lease.numbers if number not in self.stored))
        return Complete(self.lease, tuple(self.stored[number] for number in self.lease.numbers))
