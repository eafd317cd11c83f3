"""What the LFS API says of an upload, what the storage does with bytes, and how fast they move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hfpush.diagnose.facts.http import Exchange

PutOutcome = Literal["ok", "status", "silent", "late", "unfinished", "cut", "refused", "failed"]
"""`silent`: bytes stopped being taken; `late`: all were taken, and no answer came while we waited; `unfinished`: they
still moved when our time was over; `cut`: the connection ended without an answer; `refused`: there was none to begin
with; `failed`: TLS, or something else on this machine."""


@dataclass(frozen=True)
class Batch:
    """The answer about objects that nobody has. `storage` and `complete`, `verify` are scheme, host and port of
    where they lead. `lives` is how many seconds the signed URL lives by the server's own clock, `left` the same as
    git-lfs reckons, by ours. `failure` is the reference of what kept an answer from coming or from being one.
    `transfer` and `part_size` are of a second request, in which parts are offered for an object of 4 MiB (behind a
    mirror that sends that whole: for one of 5 GB)."""

    status: int = 0
    failure: str = ""
    said: str = ""
    transfer: str = ""
    storage: str = ""
    complete: str = ""
    verify: str = ""
    href_unusable: str = ""
    """An address without scheme or host, as it came, without its query."""
    lives: float | None = None
    left: float | None = None
    part_size: int = 0
    retry_after: float | None = None
    rejected: int = 0
    """How many of the objects were rejected, `rejected_code` with what."""
    rejected_code: int = 0
    exchange: Exchange | None = None


@dataclass(frozen=True)
class Put:
    """One upload of `size` bytes to a signed URL by a line. `acked` bytes of the body were taken by the other side's
    TCP (a proxy's, behind one), in `send_seconds`; `answer_seconds` is from then to the answer, or to when we no longer
    waited. `retransmitted` counts segments, of up to `segment` bytes; `rtt` is in seconds. `server` names who answered.
    """

    line: str
    size: int = 0
    outcome: PutOutcome = "ok"
    status: int = 0
    code: str = ""
    """S3's error code."""
    acked: int = 0
    retransmitted: int = 0
    answer_seconds: float = 0.0
    seconds: float = 0.0
    said: str = ""
    send_seconds: float = 0.0
    segment: int = 0
    rtt: float = 0.0
    server: str = ""
    tries: int = 1
    """How often it was tried: once more where the connection was cut."""
    abandoned: bool = False
    """It was only sent to see how much is taken, and was never meant to end."""
    ahead: float | None = None
    """By how many seconds our clock is ahead of the storage's, None where it did not tell."""


@dataclass(frozen=True)
class Flow:
    """How fast bytes moved on a line, `bytes` in `seconds`; `direction` `up` or `down`."""

    line: str
    direction: Literal["up", "down"] = "up"
    bytes: int = 0
    seconds: float = 0.0
    rtt: float = 0.0
    retransmitted: int = 0


@dataclass(frozen=True)
class Mirror:
    """What an endpoint that is no Hub itself carries, None where it could not be told: the API, the bytes, the end of
    an upload and its check, Xet. `body_limit` is the first size in bytes that it refused. `said` is what showed that
    the end is not carried."""

    control: bool | None = None
    data: bool | None = None
    completion: bool | None = None
    xet: bool | None = None
    body_limit: int = 0
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class Xet:
    """Whether Xet would be used for this repository, and where its bytes go. `cas` is a URL without query."""

    offered: bool | None = None
    cas: str = ""
    status: int = 0
    failure: str = ""
    disabled: bool = False
    said: str = ""


@dataclass(frozen=True)
class Lfs:
    """All of it."""

    batch: Batch | None = None
    puts: tuple[Put, ...] = ()
    flows: tuple[Flow, ...] = ()
    mirror: Mirror | None = None
    xet: Xet | None = None
