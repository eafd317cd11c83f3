"""What the LFS API says of an upload, what the storage does with bytes, and how fast they move."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Batch:
    """The answer about one object that is never sent. `storage` and `complete`, `verify` are scheme, host and port of
    where they lead. `lives` is how many seconds the signed URL lives by the server's own clock."""

    status: int = 0
    failure: str = ""
    said: str = ""
    transfer: str = ""
    storage: str = ""
    complete: str = ""
    verify: str = ""
    href_unusable: str = ""
    lives: float | None = None
    part_size: int = 0
    retry_after: float | None = None
    rejected: int = 0


@dataclass(frozen=True)
class Put:
    """One upload of `size` bytes to a signed URL by a line. `acked` bytes were taken by the other side's TCP;
    `answer_seconds` is from the last byte to the answer."""

    line: str
    size: int = 0
    outcome: Literal["ok", "status", "silent", "late", "cut", "refused", "failed"] = "ok"
    status: int = 0
    code: str = ""
    """S3's error code."""
    acked: int = 0
    retransmitted: int = 0
    answer_seconds: float = 0.0
    seconds: float = 0.0
    said: str = ""


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
    """What an endpoint that is no Hub itself carries, None where it could not be told. `body_limit` is the first size
    in bytes that it refused."""

    control: bool | None = None
    data: bool | None = None
    completion: bool | None = None
    xet: bool | None = None
    body_limit: int = 0


@dataclass(frozen=True)
class Xet:
    """Whether Xet would be used for this repository, and where its bytes go."""

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
    agent: str = field(default="")
    """The program of git-lfs's multipart transfer, as configured."""
    agent_found: bool | None = None
