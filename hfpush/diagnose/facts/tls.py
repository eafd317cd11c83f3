"""What comes of a TLS handshake, and who believes the certificate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["ok", "reset", "closed", "alert", "plaintext", "garbage", "silent", "not-tried"]


@dataclass(frozen=True)
class Certificate:
    """The first certificate of a chain. Times are unix times."""

    subject: str = ""
    issuer: str = ""
    names: tuple[str, ...] = ()
    begins: float = 0.0
    ends: float = 0.0
    fingerprint: str = ""


@dataclass(frozen=True)
class Handshake:
    """`outcome` of the first try on this line; `alert` its number, for that outcome; `got` how many bytes had come.
    `tries` and `failed` count all that were made; `small` is what came with small segments, `other_name` with another
    server's name in the ClientHello, each `not-tried` where the first one went well."""

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
    small: Outcome = "not-tried"
    other_name: Outcome = "not-tried"
    certificate: Certificate | None = None
    said: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Judged:
    """Whether the certificate of a line is believed with a client's own store, `store` and `trust` as in its Way."""

    line: str
    client: str
    outcome: Literal["ok", "unknown-issuer", "expired", "not-yet", "other-name", "unusable-store", "other"] = "ok"
    store: str = ""
    trust: tuple[str, ...] = ()
    said: str = ""
