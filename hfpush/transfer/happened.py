"""What can happen to one upload: the events that a journal keeps and a state is folded from. Values only."""

from __future__ import annotations

from dataclasses import dataclass

from hfpush.lfs.lease import Lease


@dataclass(frozen=True)
class Leased:
    """The server gave a lease, at unix time `at`."""

    lease: Lease
    at: float


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
