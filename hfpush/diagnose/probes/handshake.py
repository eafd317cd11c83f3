"""What comes of a TLS handshake on a line: several at once, since some networks let every second one pass.

Where one fails, it is tried again, in small segments (large packets that get lost on the way back) and for another
server's name (a filter that looks for ours).
"""

from __future__ import annotations

import socket
import time

from hfpush.diagnose.facts.tls import Handshake, Outcome
from hfpush.diagnose.line import Line
from hfpush.diagnose.probes.certificate import read_certificate
from hfpush.diagnose.probes.greeting import Greeted, greet
from hfpush.diagnose.side_by_side import Asking
from hfpush.net.dial import connected
from hfpush.net.lines import Lines
from hfpush.net.redact import redact
from hfpush.net.segments import Segments

OTHER_NAME = "example.com"
"""Reserved for such use (RFC 2606)."""
_SMALL = 536  # what every IPv4 host takes (RFC 9293, 3.7.1)
_FIRST, _MORE = 3, 2
_SOON = 0.4  # of the time, for the first tries by themselves
_GRACE = 0.2
_CUT: tuple[Outcome, ...] = ("reset", "closed", "silent", "not-tried")


class _SmallSegments(Segments):
    """Small segments for everybody, so small that what comes back gets through nearly everything."""

    def options(self, peer: str) -> list[tuple[int, int, int]]:
        return [(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SMALL)]


def shake(line: Line, seconds: float) -> Handshake:
    """Handshakes on a line, within `seconds` for all of them. Never raises for what the network does."""
    began = time.monotonic()
    end = began + seconds
    if not line.secure:
        return Handshake(line.name, "not-tried", tries=0)
    tries = _begin(_FIRST, line, line.host, end)
    answers = _of_all(tries, began + seconds * _SOON)
    small: Outcome = "not-tried"
    other: Outcome = "not-tried"
    if any(one is None or one.outcome not in ("ok", "not-tried") for one in answers):
        smaller, others = _begin(1, line, line.host, end, small=True), _begin(1, line, OTHER_NAME, end)
        tries += _begin(_MORE, line, line.host, end)
        answers = _of_all(tries, end + _GRACE)
        small, other = _outcome(smaller, end), _outcome(others, end)
        if other not in _CUT and all(one is not None and one.outcome in ("reset", "closed") for one in answers):
            # Only once more of each is it a filter, and not a line that lets some pass.
            others = _begin(_MORE, line, OTHER_NAME, end)
            tries += _begin(_FIRST, line, line.host, end)
            answers, other = _of_all(tries, end + _GRACE), _outcome(others, end)
    known = [one if one is not None else Greeted("silent") for one in answers]
    return _together(line, known, small, other, time.monotonic() - began)


def _begin(count: int, line: Line, name: str, end: float, *, small: bool = False) -> list[Asking[Greeted]]:
    return [Asking(lambda: _one(line, name, end, small=small)) for _ in range(count)]


def _of_all(asked: list[Asking[Greeted]], until: float) -> list[Greeted | None]:
    return [one.wait(until) for one in asked]


def _outcome(asked: list[Asking[Greeted]], end: float) -> Outcome:
    """That of the first which was cut or not answered, else of the first."""
    answers = [one if one is not None else Greeted("silent") for one in _of_all(asked, end + _GRACE)]
    return next((one.outcome for one in answers if one.outcome in _CUT), answers[0].outcome)


def _one(line: Line, name: str, end: float, *, small: bool = False) -> Greeted:
    """One connection, and a handshake on it; `not-tried` where none comes about."""
    try:
        connection = dialled(line, end - time.monotonic(), small=small)
    except (OSError, UnicodeError) as error:
        return Greeted("not-tried", said=redact(getattr(error, "strerror", None) or str(error))[:200])
    with connection:
        try:
            return greet(connection, name, end)
        except ValueError as error:  # a name that cannot be said in a ClientHello
            return Greeted("not-tried", said=redact(str(error))[:200])


def dialled(line: Line, seconds: float, *, small: bool = False) -> socket.socket:
    """A connection on the line, through its proxy. Raises OSError, UnicodeError."""
    seconds = max(seconds, 0.1)
    if not small:
        return connected(line.host, line.port, line.route, seconds=seconds)
    lines = Lines(segments=_SmallSegments())
    made = lines.new(line.host, "")
    lines.makes(made)
    try:
        return connected(line.host, line.port, line.route, seconds=seconds)
    finally:
        lines.made(made)


def _together(line: Line, answers: list[Greeted], small: Outcome, other: Outcome, seconds: float) -> Handshake:
    tried = [one for one in answers if one.outcome != "not-tried"]
    if not tried:
        return Handshake(line.name, "not-tried", tries=0, said=answers[0].said, seconds=seconds)
    failed = [one for one in tried if one.outcome != "ok"]
    good = next((one for one in tried if one.outcome == "ok"), None)
    bad = failed[0] if failed else None
    shown = bad or tried[0]
    return Handshake(
        line.name,
        "ok" if good else tried[0].outcome,
        alert=shown.alert,
        got=shown.got,
        began_with=shown.began_with,
        version=(good or shown).version,
        protocol=good.protocol if good else "",
        tries=len(tried),
        failed=len(failed),
        fails_with=bad.outcome if bad else "not-tried",
        small=small,
        other_name=other,
        other=OTHER_NAME if other != "not-tried" else "",
        certificate=read_certificate(good.certificate) if good else None,
        said=shown.said,
        seconds=seconds,
    )
