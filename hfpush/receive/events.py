"""What the engine tells while it works. An observer is called by one thread at a time (Heard comes from one
more), and must be quick."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from hfpush.findings import Finding
from hfpush.net.news import News

How = Literal["kept", "fetched", "resumed"]


@dataclass(frozen=True)
class Planned:
    """Before the first byte: how many files, how large together, and how much of it must come."""

    files: int
    bytes: int
    to_come: int


@dataclass(frozen=True)
class Gathering:
    """Before the first request: `path` is copied from elsewhere on this disk; `done` of `bytes` have been copied."""

    path: str
    done: int
    bytes: int


@dataclass(frozen=True)
class FileStarted:
    """Bytes of `path` are about to be asked for; `have` of `size` are here from before."""

    path: str
    size: int
    have: int


@dataclass(frozen=True)
class Bytes:
    """`count` bytes of `path` came over the wire from `source`, and `position` of its bytes are here now.

    Bytes that come twice count once: with a negative `count` bytes turned out to be wrong, or to be in doubt, and come
    again.
    """

    path: str
    count: int
    position: int
    source: str = ""


@dataclass(frozen=True)
class FileDone:
    """`path` is in its place, verified, or was there before."""

    path: str
    size: int
    how: How


@dataclass(frozen=True)
class Dropped:
    """Nothing more is asked of `source` in this run, because of `why`; the others go on, or have done the rest."""

    source: str
    why: Finding


@dataclass(frozen=True)
class Waiting:
    """Nothing moves for `seconds`, because of `why`."""

    path: str
    seconds: float
    why: Finding


@dataclass(frozen=True)
class Heard:
    """Bytes have stopped moving somewhere, or move again."""

    news: News


Event = Planned | Gathering | FileStarted | Bytes | FileDone | Dropped | Waiting | Heard
Observer = Callable[[Event], None]


def silent(event: Event) -> None:
    """The observer that nobody is behind."""
