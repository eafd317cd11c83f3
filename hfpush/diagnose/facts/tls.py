"""What comes of a TLS handshake, and who believes the certificate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["ok", "reset", "closed", "alert", "not-agreed", "plaintext", "garbage", "silent", "not-tried"]
"""`closed`, `reset`, `silent`: so ended or was waited for in vain, whatever had come before; `alert`: the server says
no in TLS's own words; `not-agreed`: it spoke TLS, and this machine's library does not go along (an old version);
`plaintext`, `garbage`: what came is not TLS; `not-tried`: it did not come to that, since no connection stood."""


@dataclass(frozen=True)
class Certificate:
    """The first certificate of a chain. Times are unix times; `names` are those it is for, host names and addresses."""

    subject: str = ""
    issuer: str = ""
    names: tuple[str, ...] = ()
    begins: float = 0.0
    ends: float = 0.0
    fingerprint: str = ""


@dataclass(frozen=True)
class Handshake:
    """`outcome` is `ok` where any try on this line stood, else that of the first. `tries` and `failed` count all that
    were made; `fails_with` is how the first of those that failed did, `alert` its number for that outcome, `got` how
    many bytes had come, `began_with` their beginning as text where it was no TLS, `said` the TLS library's own words.
    `small` is what came with small segments, `other_name` with another server's name (`other`) in the ClientHello, each
    `not-tried` where no try failed."""

    line: str
    outcome: Outcome = "ok"
    alert: int = 0
    got: int = 0
    began_with: str = ""
    version: str = ""
    protocol: str = ""
    """What was agreed on by ALPN."""
    tries: int = 1
    failed: int = 0
    fails_with: Outcome = "not-tried"
    small: Outcome = "not-tried"
    other_name: Outcome = "not-tried"
    other: str = ""
    certificate: Certificate | None = None
    said: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Judged:
    """Whether the certificate of a line is believed with a client's own store. `store` as in its Way; `trust` are the
    files and folders that were loaded for it, also where its Way names none since they are the system's. `ahead` says
    how many seconds the server's clock is before ours: asked only where the certificate is not valid by ours, on a
    connection that is verified in everything but the time; None where it was not told."""

    line: str
    client: str
    outcome: Literal["ok", "unknown-issuer", "expired", "not-yet", "other-name", "unusable-store", "other"] = "ok"
    store: str = ""
    trust: tuple[str, ...] = ()
    said: str = ""
    ahead: float | None = None
