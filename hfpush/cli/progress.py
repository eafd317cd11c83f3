"""What a user sees while something runs: bars on a terminal, a plain line every few seconds elsewhere. On stderr."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

from rich.console import Console, RenderableType
from rich.live import Live

from hfpush import units
from hfpush.cli import render
from hfpush.cli.bars import view
from hfpush.cli.meter import Meter
from hfpush.errors import HfpushError
from hfpush.findings import Finding
from hfpush.net.news import News, Noticed
from hfpush.net.trace import Trace

_LINE_SECONDS = 5.0
_FRAMES_A_SECOND = 8


class Progressing:
    """The progress of one command, shown within a `with` block. Safe to call from several threads.

    `quiet` shows nothing, and keeps what was noticed in `unsaid`. `line_seconds` is how often a line comes where there
    is no terminal. Stages and waits are written into `trace` as well.
    """

    def __init__(
        self,
        verb: str,
        *,
        quiet: bool = False,
        terminal: Console | None = None,
        line_seconds: float = _LINE_SECONDS,
        trace: Trace | None = None,
    ) -> None:
        self.trace = trace
        self.meter = Meter(verb)
        self._quiet = quiet
        self._terminal = terminal or _terminal()
        self._line_seconds = line_seconds
        self._lock = threading.Lock()
        self._drawing = threading.RLock()  # bars and what is printed in their place take turns
        self._live: Live | None = None
        self._over = threading.Event()
        self._told: dict[str, float] = {}
        self.unsaid: tuple[Finding, ...] = ()

    def __enter__(self) -> Progressing:
        if self._quiet:
            return self
        if self._terminal is not None:
            self._show()
        else:
            threading.Thread(target=self._tell_now_and_then, name="progress", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        with self._drawing:
            self._hide()
        if isinstance(error, HfpushError):
            error.also += self.unsaid
        if kind is not None and issubclass(kind, KeyboardInterrupt) and not self._quiet:
            with self._lock:
                line = self.meter.kept_line()
            if line is not None:
                render.say(line)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Bars make room for what is printed within the block."""
        with self._drawing:
            shown = self._live is not None
            self._hide()
            try:
                yield
            finally:
                if shown and not self._over.is_set():
                    self._show()

    def stage(self, text: str) -> None:
        """What is being done when it is not a transfer."""
        if self.trace is not None:
            self.trace.say(text)
        with self._lock:
            self.meter.stage(text, time.monotonic())

    def read(self, count: int) -> None:
        """That many bytes of local files were read in this stage."""
        with self._lock:
            self.meter.read(count)

    def begin(self, size: int, *, here: int = 0, files: int = 0) -> None:
        """The transfer is of `size` bytes in all, `here` of which are there, and of so many files, if they count."""
        with self._lock:
            self.meter.begin(size, time.monotonic(), here=here, files=files)

    def started(self, key: str, name: str, size: int, already: int, *, coming: int | None = None) -> None:
        """A file begins; `already` of its bytes are there, and `coming` the transfer has counted as missing."""
        with self._lock:
            self.meter.started(key, name, size, already, time.monotonic(), coming=coming)

    def moved(self, key: str, count: int, source: str = "") -> None:
        """`count` bytes of a file moved; negative when they have to go again."""
        with self._lock:
            self.meter.moved(key, count, time.monotonic(), source)

    def finished(self, key: str) -> None:
        """A file is there."""
        with self._lock:
            self.meter.finished(key)

    def paused(self, kept: int) -> None:
        """The transfer ended early: so many bytes are at the other side, and stay there."""
        with self._lock:
            self.meter.paused(kept)

    def waiting(self, seconds: float, why: Finding) -> None:
        """A request will be tried again: a countdown on a terminal; elsewhere a line, the same one seldom twice."""
        now = time.monotonic()
        if self.trace is not None:
            self.trace.waits(seconds, why)
        with self._lock:
            self.meter.wait(seconds, why.message, now)
            told = self._told.get(why.message)
            if self._quiet or self._terminal is not None or (told is not None and now - told < self._line_seconds):
                return
            self._told[why.message] = now
        render.say(f"{why.message} Trying again in {units.duration(seconds)}.")

    def remark(self, line: str) -> None:
        """A line beside the bars, which is traced as well; nothing is shown when it is to be quiet."""
        if self.trace is not None:
            self.trace.say(line)
        if not self._quiet:
            with self.aside():
                render.say(line)

    def news(self, item: News) -> None:
        """Bytes have stopped moving somewhere, or move again: a line above the bars, or among the lines."""
        if self._quiet:
            if isinstance(item, Noticed):
                self.unsaid += (item.finding,)
            return
        with self.aside():
            if isinstance(item, Noticed):
                render.finding(item.finding)
            else:
                render.say(item.text)

    # -- how it is shown -------------------------------------------------------------------------------------------

    def _view(self) -> RenderableType:
        assert self._terminal is not None
        with self._lock:
            return view(self.meter, time.monotonic(), self._terminal.width)

    def _show(self) -> None:
        self._live = Live(
            console=self._terminal,
            get_renderable=self._view,
            refresh_per_second=_FRAMES_A_SECOND,
            transient=True,
            vertical_overflow="crop",
        )
        self._live.start()

    def _hide(self) -> None:
        live, self._live = self._live, None
        if live is not None:
            with suppress(OSError):  # the terminal is gone; nothing is left there to be tidied
                live.stop()

    def _tell_now_and_then(self) -> None:
        while not self._over.wait(self._line_seconds):
            with self._lock:
                line = self.meter.line(time.monotonic())
            if line is not None:
                render.say(line)


def _terminal() -> Console | None:
    """The terminal behind stderr, if there is one that can draw: FORCE_COLOR alone does not make a log file one."""
    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    return console if sys.stderr.isatty() and console.is_interactive else None
