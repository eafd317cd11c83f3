"""Looks once a second whether bytes move on the connections of a run, and tells of those where they do not.

What counts as standing still and how often it is told, net/stall_rule.py decides; what a black hole is,
net/black_hole.py. While no request is under way there is nothing to look at: hashing files and waiting for a next try
raise no alarm.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from hfpush.net import news
from hfpush.net.black_hole import Evidence, suspicious
from hfpush.net.lines import Line, Lines
from hfpush.net.network import Network
from hfpush.net.segments import shut
from hfpush.net.stall_rule import Seen, Vigil

_TICK_SECONDS = 1.0
_PROOF_SECONDS = 3.0
_LOOK_SECONDS = 0.1
Tell = Callable[[news.News], None]


@contextmanager
def watched(network: Network, tell: Tell) -> Iterator[Network]:
    """The network with its connections watched within the block; `tell` is called by another thread, and must be quick.

    One that is watched already stays as it is.
    """
    if network.lines is not None:
        yield network
        return
    lines = Lines(trace=network.trace)
    over = threading.Event()
    dog = Watchdog(lines, tell)

    def run() -> None:
        while not over.wait(_TICK_SECONDS):
            dog.look()

    thread = threading.Thread(target=run, name="watchdog", daemon=True)
    thread.start()
    try:
        yield replace(network, lines=lines)
        over.set()
        thread.join(_TICK_SECONDS)
        dog.look()  # what was told to stand still has moved, in the last second perhaps
        dog.wait_for_proof()
    finally:
        over.set()
        lines.segments.close()


class Watchdog:
    """Looks at lines when it is told to."""

    def __init__(self, lines: Lines, tell: Tell) -> None:
        self._lines = lines
        self._tell = tell
        self._vigil = Vigil()

    def look(self) -> None:
        """See what has moved since the last look; tell what there is to tell, and cut what goes nowhere."""
        now = self._lines.clock()
        seen = []
        for line in self._lines.busy():
            if line.handle is not None and not line.handle.alive:
                self._lines.ends(line)  # its answer was given up by a reader that told nobody
                continue
            self._sample(line, now)
            seen.append(_seen(line, self._lines.role(line.host)))
        self._vigil, told = self._vigil.look(seen, self._lines.moved, now)
        for item in told:
            self._say(item)
        for line in self._lines.busy():
            self._see_to_segments(line, now)
        self._settle()

    def _sample(self, line: Line, now: float) -> None:
        counts = line.handle.counts() if line.handle is not None else None
        bytes_mark = (counts.acked, counts.received) if counts is not None else (line.handed, 0)
        mark = (line.began, line.since, *bytes_mark)
        if mark != line.mark:
            if line.mark and line.mark[2:] != bytes_mark:
                self._lines.moved[line.host] = now
            line.mark, line.quiet_since = mark, now
        line.counts = counts

    def _see_to_segments(self, line: Line, now: float) -> None:
        if line.counts is None or line.handle is None or line.cut is not None:
            return
        if line.small:
            self._lines.segments.passed(line.peer, line.counts.acked)
        evidence = Evidence(line.host, now - line.quiet_since, line.counts)
        if suspicious(_layer(line), evidence):
            line.cut = self._lines.segments.reason(line.peer, line.handle, line.small, evidence)
            if line.cut is not None:
                shut(line.handle)

    def _settle(self) -> None:
        for note in self._lines.segments.settled():
            self._say(news.Noticed(note))

    def wait_for_proof(self) -> None:
        """At the end of a run that went well: a little time to find out why it had to go in small segments."""
        end = self._lines.clock() + _PROOF_SECONDS
        while self._lines.segments.on_trial and self._lines.clock() < end:
            time.sleep(_LOOK_SECONDS)
            self._settle()

    def _say(self, item: news.News) -> None:
        if self._lines.trace is not None:
            self._lines.trace.news(item)
        self._tell(item)


def _layer(line: Line) -> str:
    """The layer as the kernel sees it: a body that it took is being sent for as long as it is not acknowledged."""
    counts = line.counts
    if counts is None:
        return line.layer
    if line.layer == news.ANSWER and counts.queued > 0:
        return news.SENDING
    if line.layer == news.SENDING and counts.queued == 0 and line.handed:
        return news.READING
    if line.layer == news.RECEIVING and counts.unread > 0:
        return news.KEEPING
    return line.layer


def _seen(line: Line, role: str) -> Seen:
    there = max(0, line.counts.acked - line.base) if line.counts is not None else line.handed
    return Seen(line.number, line.host, _layer(line), line.quiet_since, role, line.size, there)
