"""What a log says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A line of a log that was understood: `reference` is what it points to; `text` has no secrets. `host` and `via`
    are whom it speaks of, `client` who wrote it, where that can be told. `detail` is what else the line gives: a
    status, a kind of address, an issuer."""

    reference: str
    text: str = ""
    number: int = 0
    client: str = ""
    host: str = ""
    address: str = ""
    detail: str = ""
    certain: bool = False
