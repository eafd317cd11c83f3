"""What a user sees while something runs: bars on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from hfpush import units
from hfpush.findings import Finding
from hfpush.net.redact import redact

_LINE_SECONDS = 5.0
_MOST_BARS = 6


class Progressing:
    """Total and per-file bars of one transfer, on stderr. Safe to call from several threads.

    `total` counts the bytes that will be at the other side in the end; what was there already counts from the start.
    """

    def __init__(self, verb: str, *, quiet: bool = False) -> None:
        self._verb = verb
        self._quiet = quiet
        self._lock = threading.Lock()
        self._bars: Progress | None = None
        self._total: TaskID | None = None
        self._stage: TaskID | None = None
        self._tasks: dict[str, TaskID] = {}
        self._size = 0
        self._done = 0
        self._began = self._line_at = time.monotonic()
        self._told_waits: set[str] = set()

    def __enter__(self) -> Progressing:
        terminal = Console(stderr=True)
        if terminal.is_terminal and not self._quiet:
            self._bars = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=None),
                DownloadColumn(),
                TransferSpeedColumn(),
                TimeRemainingColumn(),
                console=terminal,
                transient=True,
            )
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()
            self._bars = None

    def stage(self, text: str) -> None:
        """What is being done before bytes move; shown on a terminal until the bars take over."""
        with self._lock:
            if self._bars is None:
                return
            if self._stage is None:
                self._stage = self._bars.add_task(text, total=None)
            else:
                self._bars.update(self._stage, description=text)

    def read(self, count: int) -> None:
        """That many bytes of local files were read in this stage."""
        with self._lock:
            if self._bars is not None and self._stage is not None:
                self._bars.advance(self._stage, count)

    def begin(self, size: int) -> None:
        """The transfer will bring `size` bytes in all."""
        with self._lock:
            self._size = size
            self._began = time.monotonic()
            if self._bars is not None:
                if self._stage is not None:
                    self._bars.remove_task(self._stage)
                    self._stage = None
                if size:
                    self._total = self._bars.add_task(self._verb, total=size)

    def started(self, key: str, name: str, size: int, already: int) -> None:
        """A file begins; `already` of its bytes are there."""
        with self._lock:
            self._done += already
            if self._bars is None:
                return
            if self._total is not None:
                self._bars.advance(self._total, already)
            if len(self._tasks) < _MOST_BARS:
                label = redact(name if len(name) <= 32 else f"…{name[-31:]}")
                self._tasks[key] = self._bars.add_task(Text(label).plain, total=size, completed=already)

    def moved(self, key: str, count: int) -> None:
        """`count` bytes of a file moved; negative when they have to go again."""
        with self._lock:
            self._done += count
            if self._bars is not None:
                if self._total is not None:
                    self._bars.advance(self._total, count)
                if key in self._tasks:
                    self._bars.advance(self._tasks[key], count)
                return
            now = time.monotonic()
            if self._size and now - self._line_at >= _LINE_SECONDS:
                self._line_at = now
                self._plain(now)

    def finished(self, key: str) -> None:
        """A file is there."""
        with self._lock:
            task = self._tasks.pop(key, None)
            if task is not None and self._bars is not None:
                self._bars.remove_task(task)

    def waiting(self, seconds: float, why: Finding) -> None:
        """A request will be tried again; long waits are told once each."""
        if self._quiet:
            return
        with self._lock:
            line = f"{why.message} Trying again in {units.duration(seconds)}."
            if self._bars is not None:
                self._bars.console.print(Text(redact(line)), style="yellow")
            elif seconds >= 1 or line not in self._told_waits:
                self._told_waits.add(line)
                sys.stderr.write(redact(line) + "\n")

    def _plain(self, now: float) -> None:
        if self._quiet:
            return
        rate = self._done / max(now - self._began, 0.001)
        left = (self._size - self._done) / rate if rate > 0 else 0
        share = f"{100 * self._done / self._size:.0f} %"
        sizes = f"{units.size(self._done)} of {units.size(self._size)}"
        sys.stderr.write(f"{self._verb} {share}, {sizes}, {units.rate(rate)}, {units.duration(left)} left\n")
