"""What names resolve to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Lookup:
    """What this machine's resolver says of a host. `servers` are those it asks. `kinds` says of each address what sort
    it is: `sinkhole` stands for 0.0.0.0, loopback and the like in answer to a public name, `fake` for 198.18.0.0/15,
    `wrapper` for the addresses that proxychains makes up."""

    host: str
    outcome: Literal["ok", "no-such-name", "server-failure", "no-answer", "address"] = "ok"
    addresses: tuple[str, ...] = ()
    kinds: tuple[Literal["public", "private", "sinkhole", "fake", "wrapper"], ...] = ()
    servers: tuple[str, ...] = ()
    said: str = ""
    seconds: float = 0.0
