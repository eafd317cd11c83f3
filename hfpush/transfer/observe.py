"""What an upload tells whoever watches: for bars, countdowns and reports. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from hfpush.errors import Unavailable
from hfpush.net.news import News

How = Literal["sent", "resumed", "present"]


class Observer(Protocol):
    """Called from several threads at once; must be quick, and safe for that."""

    def started(self, oid: str, name: str, size: int, already: int) -> None:
        """An object is about to be sent; `already` of its bytes are at the server from an earlier run."""

    def moved(self, oid: str, count: int) -> None:
        """`count` bytes went towards the server; negative when they have to go again."""

    def finished(self, oid: str, how: How) -> None:
        """The object is at the server."""

    def waiting(self, seconds: float, why: Unavailable) -> None:
        """A request will be tried again in that many seconds."""

    def paused(self, kept: int) -> None:
        """The upload ends early: of the bytes that were to be sent, so many are at the server and stay there."""

    def news(self, item: News) -> None:
        """Bytes have stopped moving somewhere, or move again."""


class Silent:
    """Watches nothing."""

    def started(self, oid: str, name: str, size: int, already: int) -> None: ...

    def moved(self, oid: str, count: int) -> None: ...

    def finished(self, oid: str, how: How) -> None: ...

    def waiting(self, seconds: float, why: Unavailable) -> None: ...

    def paused(self, kept: int) -> None: ...

    def news(self, item: News) -> None: ...


@dataclass(frozen=True)
class UploadReport:
    """What became of the objects, and how many of their bytes crossed the wire.

    `bytes_sent` counts body bytes handed to the network, also those that had to go twice; `bytes_resumed` were at the
    server from an earlier run; `bytes_present` belong to objects that it had already.
    """

    sent: tuple[str, ...] = ()
    resumed: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    bytes_sent: int = 0
    bytes_resumed: int = 0
    bytes_present: int = 0
