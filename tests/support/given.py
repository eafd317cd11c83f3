"""Sources of a test's own making: what they answer is written down beforehand, and no byte crosses a wire."""

from __future__ import annotations

import time
from collections.abc import Callable

from hfpush.disk.content import Content
from hfpush.errors import HfpushError
from hfpush.hub.cache import Snapshot
from hfpush.net.download import BLOCK_BYTES, Download, LeastRate, Write
from hfpush.net.limit import Limit

STEP_BYTES = 100


class Drafting:
    """A place that takes drafts only, however small a file is."""

    def __init__(self, place: Snapshot) -> None:
        self.folder, self.presence, self.file = place.folder, place.presence, place.file
        self.home, self.put = place.home, place.put


class Body(Download):
    """Bytes that a source gives: `data` from `start` on, in steps of a hundred, then `failure` if there is one.

    `at_step` is called with the place of each step before it is handed over.
    """

    def __init__(
        self,
        data: bytes,
        start: int = 0,
        failure: HfpushError | None = None,
        *,
        whole: bool = False,
        at_step: Callable[[int], object] = lambda at: None,
        step: int = STEP_BYTES,
    ) -> None:
        self.data, self.start, self.failure, self.whole = data, start, failure, whole
        self.stop = start + len(data) if failure is None else 1 << 62  # what fails had more to give
        self.aborted, self.at_step, self.step = False, at_step, step

    def receive(
        self,
        write: Write,
        *,
        least: LeastRate | None = None,
        limit: Limit | None = None,
        block: int = BLOCK_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """As Download says."""
        for at in range(0, len(self.data), self.step):
            self.at_step(self.start + at)
            data = self.data[at : at + self.step][: max(0, self.stop - self.start - at)]
            if not data:
                return
            write(self.start + at, memoryview(data))
        if self.failure is not None:
            raise self.failure

    def shorten(self, stop: int) -> int:
        """As Download says, but that nothing has come yet that would keep it from ending there."""
        self.stop = min(self.stop, stop)
        return self.stop

    def abort(self) -> None:
        """Note it."""
        self.aborted = True

    def close(self) -> None:
        """There is nothing to close."""


class Silent:
    """A source that nobody should ask."""

    name = "silent"

    def open(self, path: str, content: Content, start: int, stop: int | None = None) -> Download:
        """Never."""
        raise AssertionError(f"{path!r} is asked for")
