"""One request of a fetch: it brings a stretch of a file from one source into a filling.

It may be told from outside to end earlier, or that nothing of it is wanted any more. What its failure means, the crew
decides.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from hfpush.errors import Unavailable
from hfpush.findings import Finding
from hfpush.net.download import BLOCK_BYTES, Download, LeastRate
from hfpush.receive.desk import Desk
from hfpush.receive.events import Bytes
from hfpush.receive.filling import Filling
from hfpush.receive.giver import Giver
from hfpush.receive.pieces import SMALL_BYTES, Running

SMALL_BLOCK_BYTES = 1 << 17
"""Memory of a request that is not alone: what each of them has in hand is lost when the process is killed."""
_KNOWN_SECONDS = 1.0  # before, the rate of a connection says more of how it was made


class Unwanted(Exception):
    """Somebody else brings these bytes, or the source gives them in a way that is of no use here."""


class Stream:
    """Brings [start, stop). `at` is how far it is, `wire` how many bytes came. The board's lock guards what is not said
    to be otherwise; `lock` is held while bytes are put into the filling, so that nothing comes after `give_up`.
    `takes_whole` says whether a whole file in place of its rest is of any use.
    """

    def __init__(
        self,
        desk: Desk,
        filling: Filling,
        giver: Giver,
        start: int,
        stop: int,
        *,
        takes_whole: Callable[[Stream], bool],
    ) -> None:
        self._desk = desk
        self._takes_whole = takes_whole
        self.filling = filling
        self.giver = giver
        self.start = self.at = self.settled = start
        self.stop = stop
        self.wire = 0
        self.began = self.moved_at = desk.now
        self.wanted = True
        self.over = False
        """It brings the whole file, over what is there."""
        self.doubled = False
        self.ranged = True
        """It asks for a range even where that is the whole file: the answer shows whether the server knows ranges."""
        self.answered = self.stuck = False
        """The answer has begun; nobody waits for it any more."""
        self.block = BLOCK_BYTES
        self.small = filling.content.size <= SMALL_BYTES
        self.lock = threading.Lock()
        self._download: Download | None = None

    def running(self, now: float) -> Running:
        """It, as pieces.py wants to know it."""
        age = now - self.began
        rate = (self.at - self.start) / age if age >= _KNOWN_SECONDS else self.giver.rate
        return Running(min(self.at, self.stop), self.stop, rate, age >= _KNOWN_SECONDS or rate > 0, self.doubled)

    def run(self) -> None:
        """Bring it. Raises what the source raises; Unwanted, Stopped, LocalTrouble, Busy."""
        content, size = self.filling.content, self.filling.content.size
        stop = None if self.stop >= size and not self.ranged else self.stop
        with self.giver.source.open(self.filling.path, content, self.start, stop) as download:
            self._enter(download)
            least = self._desk.means.least
            if self._desk.means.limit is not None:  # then it is we who are slow
                least = LeastRate(least.seconds, 0)
            try:
                download.receive(self._write, least=least, limit=self._desk.means.limit, block=self.block)
            except Exception:
                if not self.wanted or self.at >= self.stop:
                    raise Unwanted from None
                raise
            finally:
                self._download = None
        if self.wanted and self.at < self.stop:
            raise Unavailable(Finding("connection-cut", "A body ended before all of it had come."))

    def shorten(self, stop: int) -> int:
        """End at `stop`, or as soon after it as can be; returns where."""
        with self.lock:
            wished = min(self.stop, max(stop, self.at))
            self.stop = wished if self._download is None else min(self.stop, self._download.shorten(wished))
            return self.stop

    def give_up(self) -> None:
        """Nothing that comes after this is wanted."""
        with self.lock:
            self.wanted = False
        self.abort()

    def abort(self) -> None:
        """Make it fail at once, if it is receiving."""
        download = self._download
        if download is not None:
            download.abort()

    def begin_whole(self, size: int) -> None:
        """The source gives all bytes from the first one on, and they are wanted."""
        self.start = self.at = self.settled = 0
        self.stop = size

    def _enter(self, download: Download) -> None:
        with self.lock:
            self._download = download
        self._desk.check()
        if not self.wanted:
            raise Unwanted
        self.moved_at, self.answered = self._desk.now, True
        self.giver.answered(self.moved_at - self.began)
        if self.ranged and download.whole:
            self.giver.whole_only = True
        if download.start != self.start and not self._takes_whole(self):
            raise Unwanted
        with self.lock:
            if self.stop < self.filling.content.size:
                self.stop = download.shorten(self.stop)

    def _write(self, at: int, data: memoryview) -> None:
        self._desk.check()
        with self.lock:
            if not self.wanted:
                raise Unwanted
            data = data[: max(0, self.stop - at)]
            new = self.filling.take_in(self, at, data)
            self.at = at + len(data)
            self.wire += len(data)
            self.moved_at = self._desk.now
            there = self.filling.total
        if new:
            self._desk.tell(Bytes(self.filling.path, new, there, self.giver.name))
