"""What can happen to one upload: the events that a journal keeps and a state is folded from. Values only."""

from __future__ import annotations

from dataclasses import dataclass

from hfpush.lfs.lease import Lease

_LONGEST_MARGIN = 60.0  # seconds


@dataclass(frozen=True)
class Leased:
    """The server gave a lease, at unix time `at`."""

    lease: Lease
    at: float

    def usable_at(self, now: float) -> bool:
        """Whether the lease may still be begun with at unix time `now`: not in its last tenth, or last minute."""
        if self.lease.expires_at is None:
            return True
        lifetime = self.lease.expires_at - self.at
        return now < self.lease.expires_at - min(_LONGEST_MARGIN, max(lifetime, 0) / 10)


@dataclass(frozen=True)
class LeaseLost:
    """The lease's addresses are no longer taken; what was stored in its upload may still count."""

    upload_id: str


@dataclass(frozen=True)
class UploadLost:
    """The server forgot the upload, or refuses to put its parts together: nothing stored in it counts."""

    upload_id: str


@dataclass(frozen=True)
class PartStored:
    """The server acknowledged part `number` of `upload_id` with this ETag (empty for an object sent whole)."""

    upload_id: str
    number: int
    etag: str


@dataclass(frozen=True)
class Completed:
    """The object is whole at the server, by its own word."""

    upload_id: str


@dataclass(frozen=True)
class Verified:
    """The server confirmed oid and size, or had the object all along."""


Event = Leased | LeaseLost | UploadLost | PartStored | Completed | Verified
