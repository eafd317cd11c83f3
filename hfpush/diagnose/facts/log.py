"""What a log says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Plane = Literal["", "hub", "storage", "xet", "proxy", "ssh", "here"]
"""Whom a line speaks of: the Hub's API and git, the host of the bytes, Xet's, a proxy, ssh, or this machine."""


@dataclass(frozen=True)
class LogLine:
    """A line of a log that was understood: `reference` is what it points to; `text` has no secrets, `number` is where
    it stands, from 1 on. `client` is who wrote it, `host` and `address` whom it speaks of, `plane` what that host is
    for, each empty where it cannot be told. `detail` is what else the line gives: a status, a name, an issuer.
    `certain`: the words leave nothing else that they could mean. `past`: a later line says that it went well."""

    reference: str
    text: str = ""
    number: int = 0
    client: str = ""
    host: str = ""
    address: str = ""
    detail: str = ""
    certain: bool = False
    plane: Plane = ""
    past: bool = False
