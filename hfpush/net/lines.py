"""The connections with a request under way: to which host, in which layer, since when, and how far.

The connection classes tell it (net/lined.py); net/watchdog.py looks at it. Nothing here waits for anything.
"""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from hfpush.net import news
from hfpush.net.acked import Handle
from hfpush.net.black_hole import LineCut
from hfpush.net.counts import Counts
from hfpush.net.segments import Segments
from hfpush.net.trace import Trace


@dataclass(eq=False)
class Line:
    """One connection. The thread that uses it writes all but the last three, which are the watchdog's.

    `peer` is where the connection goes, which is a proxy's name behind a proxy. `size` is that of the request's body,
    `handed` how much of the request the kernel took, `base` what the connection had acknowledged before it.
    """

    number: int
    host: str
    peer: str
    layer: str = news.CONNECTING
    since: float = 0.0
    request: str = ""
    being_made: bool = False
    size: int = 0
    handed: int = 0
    base: int = 0
    base_received: int = 0
    began: float = 0.0
    handle: Handle | None = None
    small: bool = False
    cut: LineCut | None = None
    counts: Counts | None = None
    quiet_since: float = 0.0
    mark: tuple[object, ...] = ()


_here = threading.local()
_numbers = itertools.count(1)


def enters(layer: str) -> None:
    """The connection that this thread is making enters a layer; for code below that does not know the connection."""
    made = _being_made()
    if made is not None:
        made[0].enters(made[1], layer)


def dials(host: str, port: int) -> list[tuple[int, int, int]]:
    """The connection that this thread is making goes there; options for its socket, to be set before it connects."""
    made = _being_made()
    if made is None:
        return []
    lines, line = made
    line.peer = f"{host}:{port}"
    options = lines.segments.options(line.peer)
    line.small = bool(options)
    lines.enters(line, news.RESOLVING)
    return options


def holds(connection: socket.socket) -> None:
    """The connection that this thread is making has that socket."""
    made = _being_made()
    if made is not None:
        made[1].handle = Handle.of(connection)


def _being_made() -> tuple[Lines, Line] | None:
    made: tuple[Lines, Line] | None = getattr(_here, "line", None)
    if made is None or not made[1].being_made:
        return None
    return made


@dataclass
class Lines:
    """The connections of a run. Safe to use from several threads.

    `homes` are the hosts of endpoints; what else is sent to is a storage host. `moved` says when bytes last moved at
    each host.
    """

    trace: Trace | None = None
    clock: Callable[[], float] = time.monotonic
    segments: Segments = field(default_factory=Segments)
    homes: set[str] = field(default_factory=set)
    moved: dict[str, float] = field(default_factory=dict)
    _busy: dict[int, Line] = field(default_factory=dict)

    def new(self, host: str, peer: str) -> Line:
        """A connection that is about to be made; it counts once `begins` was called."""
        return Line(next(_numbers), host, peer)

    def begins(self, line: Line, layer: str) -> None:
        """A request of the connection is under way, in that layer."""
        line.began = line.quiet_since = self.clock()
        line.mark, line.cut = (), None
        line.handed = line.size = 0
        now = line.handle.counts() if line.handle is not None else None
        line.base, line.base_received = (now.acked, now.received) if now is not None else (0, 0)
        self.enters(line, layer)
        self._busy[line.number] = line

    def makes(self, line: Line) -> None:
        """This thread begins to make the connection, until `made`."""
        line.being_made = True
        line.handle, line.counts = None, None
        _here.line = (self, line)

    def made(self, line: Line) -> None:
        """The connection was made, or could not be."""
        line.being_made = False
        _here.line = None

    def enters(self, line: Line, layer: str) -> None:
        """The connection enters a layer."""
        line.layer, line.since = layer, self.clock()

    def rests(self, line: Line) -> None:
        """The request is over, with its answer."""
        if self._busy.pop(line.number, None) is not None:
            self.moved[line.host] = self.clock()
            counts = line.handle.counts() if line.small and line.handle is not None else None
            if counts is not None:
                self.segments.passed(line.peer, counts.acked)

    def ends(self, line: Line) -> None:
        """The connection is closed, well or not."""
        self._busy.pop(line.number, None)

    def is_busy(self, line: Line) -> bool:
        """Whether a request of the connection is under way."""
        return line.number in self._busy

    def busy(self) -> list[Line]:
        """Those with a request under way, the oldest first."""
        return sorted(self._busy.copy().values(), key=lambda line: line.number)

    def role(self, host: str) -> str:
        """What a host is to us."""
        return "" if host in self.homes else "storage host"
