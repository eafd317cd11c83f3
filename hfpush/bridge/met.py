"""What a door met: as findings, each once, however many connections met it; and in a trace, line by line."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hfpush.bridge.request_head import Asked
from hfpush.bridge.tunnel import Carried
from hfpush.findings import Finding
from hfpush.net.trace import Trace
from hfpush.units import count, duration, size

_SILENT_SECONDS = 10.0


@dataclass
class _Cut:
    """Handshakes of one host: how often it closed before its first byte, and how many tunnels came about all the same,
    or never did. The rest is of clients that did not wait."""

    cuts: int = 0
    saved: int = 0
    lost: int = 0
    agents: dict[str, None] = field(default_factory=dict)


class Met:
    """Collects; `findings` may be asked from any thread, also while it goes on."""

    def __init__(self, trace: Trace | None = None, tell: Callable[[str], None] = lambda line: None) -> None:
        self._trace = trace
        self._tell = tell
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._found: dict[tuple[str, str], Finding] = {}
        self._askers: dict[tuple[str, str], dict[str, None]] = {}
        self._cut: dict[str, _Cut] = {}
        self._ways: dict[str, str] = {}

    def asked(self, asked: Asked, way: str) -> int:
        """A client asks for something, which is reached by that way; the number of its connection."""
        number = next(self._numbers)
        self._ways[f"{asked.host}:{asked.port}"] = way
        what = f"CONNECT {asked.host}:{asked.port}" if asked.is_tunnel else f"a request to {asked.host}:{asked.port}"
        self.say(number, f"{what} for {asked.agent or 'a client without a name'}, {way}")
        return number

    def say(self, number: int, text: str) -> None:
        """Something happened on a connection."""
        if self._trace is not None:
            self._trace.say(text, line=number)

    def waits(self, number: int, asked: Asked, seconds: float) -> None:
        """Something is being dialled for so long, and still is: told at once."""
        place = f"{asked.host}:{asked.port}"
        text = f"{place}: not connected after {duration(seconds)}, {self._ways.get(place, '')}"
        self.say(number, text)
        self._tell(text)

    def add(self, finding: Finding, agent: str = "") -> None:
        """A finding, and who asked for what led to it."""
        if self._trace is not None:
            self._trace.finding(finding)
        key = finding.reference, finding.message
        with self._lock:
            self._found.setdefault(key, finding)
            self._askers.setdefault(key, {}).update({agent: None} if agent else {})

    def tunnelled(self, number: int, asked: Asked, carried: Carried) -> None:
        """A tunnel has ended."""
        cuts = f"; cut {carried.cuts} times before the first byte of an answer" if carried.cuts else ""
        moved = f"{size(carried.sent)} sent, {size(carried.received)} received"
        self.say(number, f"ended after {duration(carried.seconds)}; {moved}{cuts}")
        place = f"{asked.host}:{asked.port}"
        if carried.cuts:
            with self._lock:
                cut = self._cut.setdefault(place, _Cut())
                cut.cuts += carried.cuts
                cut.saved += carried.answered
                cut.lost += carried.given_up
                cut.agents.update({asked.agent: None} if asked.agent else {})
        elif carried.idle:
            self.add(idle(place), asked.agent)
        elif carried.asked and not carried.answered and carried.seconds >= _SILENT_SECONDS:
            self.add(_silent(place), asked.agent)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that was met, in the order in which it was first."""
        with self._lock:
            told = [_asked_by(one, tuple(self._askers[key])) for key, one in self._found.items()]
            return (
                *told,
                *(
                    _cut_finding(place, cut, self._ways.get(place))
                    for place, cut in self._cut.items()
                    if cut.saved or cut.lost
                ),
            )


def _asked_by(finding: Finding, agents: tuple[str, ...]) -> Finding:
    if not agents:
        return finding
    return replace(finding, evidence=(*finding.evidence, f"asked for by {', '.join(agents[:3])}"))


def _cut_finding(place: str, cut: _Cut, way: str | None) -> Finding:
    ways = (f"reached {way}",) if way else ()
    by = (*ways, f"asked for by {', '.join(list(cut.agents)[:3])}") if cut.agents else ways
    if cut.lost:
        return Finding(
            "handshake-cut",
            f"{place} is cut off before it says a word, however often it is tried.",
            (f"{count(cut.cuts, 'connection')} closed or reset before the first byte of an answer", *by),
            ("reach it another way: through a proxy (HTTPS_PROXY), or another one", "try it from another network"),
            severity="warning",
        )
    return Finding(
        "handshake-repeated",
        f"Connections to {place} were cut before the first byte of an answer; they were made again, and came about.",
        (f"{cut.cuts} cut, {cut.saved} came about", *by),
        severity="note",
    )


def idle(place: str) -> Finding:
    """Nothing moved any more on a connection to host:port."""
    return Finding(
        "tunnel-idle",
        f"A connection to {place} was closed, as no byte had moved on it for long.",
        remedy=("run the same command again",),
        severity="warning",
    )


def _silent(place: str) -> Finding:
    return Finding(
        "handshake-silent",
        f"{place} takes connections and then says nothing.",
        (f"no byte of an answer within {duration(_SILENT_SECONDS)} of the first request",),
        ("reach it another way: through a proxy (HTTPS_PROXY), or another one", "try it from another network"),
        severity="warning",
    )


def loopback_asked() -> Finding:
    """The door was asked for this machine itself."""
    return Finding(
        "run-loopback",
        "A command asked hfpush's proxy for this machine itself, which is not carried.",
        remedy=("let it go straight to localhost, 127.0.0.1 and ::1, as NO_PROXY in its environment says",),
        severity="warning",
    )


def crowded(most: int) -> Finding:
    """The door carries as many connections as it may."""
    return Finding(
        "run-crowded",
        f"The command opened more than {most} connections at once; those beyond were refused.",
        remedy=("let it do less at once",),
        severity="warning",
    )
