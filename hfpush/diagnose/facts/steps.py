"""One question and how it was answered, as it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Layer = Literal[
    "configuration",
    "routes",
    "repository",
    "names",
    "connections",
    "tls",
    "http",
    "account",
    "lfs",
    "storage",
    "upload",
    "xet",
    "disk",
    "log",
]
"""In the order in which they are shown."""
Status = Literal["ok", "warn", "fail", "skip"]
"""`skip`: it was not asked, since an earlier answer made it meaningless, it was not wanted, or there was no time."""


@dataclass(frozen=True)
class Step:
    """`subject` says what was asked about (`hf.test straight`), `said` what came of it in a few words, `seconds` how
    long it took. What it means is the verdict's business."""

    layer: Layer
    subject: str
    status: Status
    said: str = ""
    seconds: float = 0.0
