"""How fast bytes move, and where they are held back: slow lines, and proxies that take a body whole before they pass
it on. Pure.

An answer that is long in coming does not tell the two apart: a proxy on this machine, or a fast one before a slow line,
holds some megabytes in its buffers. Only a body that is much larger than any buffer and is swallowed all the same does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hfpush import units
from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.lfs import Flow, Put
from hfpush.diagnose.rules.spots import host_of
from hfpush.diagnose.rules.who import listed, severity_for
from hfpush.findings import Finding

BUFFERS = 12 * 2**20
"""More than sockets on a way hold: Linux gives one at most 6 MiB to receive and 4 to send."""
_ACTIVITY_SECONDS = 30.0
"""lfs.activitytimeout, by default: without a byte moving, git-lfs begins anew."""
_DOUBTFUL_SECONDS = 1.0
_SLOW_RATE = 60_000.0
_NOTICEABLE_SECONDS = 0.05
_ROUGHLY = 2.0
"""How far the pace of a few kilobytes may be off."""


def causes(facts: Facts) -> Iterator[Cause]:
    """At most one for each line: it is a proxy that buffers, or it is slow."""
    for line in dict.fromkeys(one.line for one in facts.lfs.puts):
        clients = [way.client for way in facts.ways_to("storage") if way.line == line and way.needed]
        if facts.ways and not clients:
            continue
        mine = [one for one in facts.lfs.puts if one.line == line]
        held = _held_back(mine)
        flow = _flow(facts, mine)
        if held is not None:
            yield _buffers(facts, *held, clients=listed(clients))
        elif flow is not None and flow.bytes / flow.seconds < _SLOW_RATE:
            yield _slow(facts, flow, severity_for(facts, clients) == "error")


def is_slow_rather(puts: Sequence[Put], late: Put) -> bool:
    """Whether an upload that was not answered in time would need about that long at the pace of the smaller ones on
    its line: then it is slow, and nobody knows of more."""
    grown = _growth(puts)
    return grown is not None and _ROUGHLY * late.size * grown.seconds / grown.bytes > late.seconds


def _growth(puts: Sequence[Put]) -> Flow | None:
    """The pace by how much longer a larger upload takes than a small one, where that can be noticed."""
    well = sorted((one for one in puts if one.outcome == "ok"), key=lambda one: one.size)
    if len(well) < 2:
        return None
    small, large = well[0], well[-1]
    longer = (large.send_seconds + large.answer_seconds) - (small.send_seconds + small.answer_seconds)
    return Flow(large.line, "up", large.size - small.size, longer) if longer >= _NOTICEABLE_SECONDS else None


def _flow(facts: Facts, puts: Sequence[Put]) -> Flow | None:
    """How fast bytes move on the line of these uploads, as far as they tell."""
    last = next((one for one in reversed(puts) if not one.abandoned), None)
    if last is None:
        return None
    if last.outcome == "late" and is_slow_rather(puts, last):
        grown = _growth(puts)  # it is at most as fast as what is not there yet
        whole = Flow(last.line, "up", last.size, last.seconds)
        return whole if grown is None or grown.bytes / grown.seconds > last.size / last.seconds else grown
    if last.outcome not in ("ok", "unfinished"):
        return None
    return next((one for one in facts.lfs.flows if one.line == last.line and one.seconds > 0), None)


def _held_back(puts: list[Put]) -> tuple[Put, Put] | None:
    """The upload whose answer was long in coming, and the larger one that was swallowed: none where it was not."""
    swallowed = next((one for one in puts if one.abandoned), None)
    late = next((one for one in reversed(puts) if not one.abandoned and one.outcome in ("ok", "late")), None)
    if swallowed is None or late is None or late.answer_seconds < _DOUBTFUL_SECONDS:
        return None
    behind = late.size / late.answer_seconds * max(swallowed.send_seconds, 0.001)
    return (late, swallowed) if swallowed.acked > BUFFERS + behind else None


def _buffers(facts: Facts, late: Put, swallowed: Put, *, clients: str) -> Cause:
    rate = late.size / late.answer_seconds
    most = rate * _ACTIVITY_SECONDS
    large = facts.repository.largest_lfs
    again = "at least " if late.outcome == "late" else ""
    finding = Finding(
        "proxy-buffers",
        f"Something before the storage {host_of(late.line)} takes uploads whole before it passes them on: git-lfs sees "
        f"no byte move meanwhile, and gives up a file of more than about {units.size(most)}.",
        (
            f"{late.line}: {units.size(late.size)} taken in {units.duration(late.send_seconds)}, the answer came "
            f"{again}{units.duration(late.answer_seconds)} later",
            f"{swallowed.line}: of {units.size(swallowed.size)} {units.size(swallowed.acked)} taken in "
            f"{units.duration(swallowed.send_seconds)}, while nothing can have gone on so fast",
            *((f"the largest LFS file here has {units.size(large)}",) if large else ()),
        ),
        (
            f"git config lfs.activitytimeout {_patience(large, rate)}",
            f"whoever runs {host_of(late.line)}: pass bodies on as they come (nginx: proxy_request_buffering off;)",
            "or hfpush publish, which waits longer for larger parts",
        ),
        "error" if large > most and "git-lfs" in clients else "warning",
    )
    host = host_of(late.line)
    return Cause(finding, 53, frozenset({"stalled", "line-slow", "connection-cut"}), frozenset({host}), host)


def _patience(large: int, rate: float) -> int:
    """Seconds for the largest file, and twice that, in whole minutes."""
    return max(600, round(2 * large / max(rate, 1.0) / 60 + 0.5) * 60)


def _slow(facts: Facts, flow: Flow, matters: bool) -> Cause:
    rate = flow.bytes / flow.seconds
    batch, large = facts.lfs.batch, facts.repository.largest_lfs
    lives = batch.lives if batch is not None else None
    seen = [f"{flow.line}: {units.size(flow.bytes)} in {units.duration(flow.seconds)}"]
    if flow.retransmitted:
        seen.append(f"{units.count(flow.retransmitted, 'segment')} had to be sent again")
    if large:
        seen.append(f"the largest LFS file here ({units.size(large)}) takes {units.duration(large / rate)}")
        if lives and large / rate > lives:
            seen.append(f"its upload address lives for {units.duration(lives)}")
    finding = Finding(
        "line-slow",
        f"Bytes move to {host_of(flow.line)} at {units.rate(rate)} only: it works, and large files take very long.",
        tuple(seen),
        (
            "hfpush publish goes on where it was after an interruption; git push begins each file anew",
            "try another network, proxy or endpoint: hfpush endpoint ls",
        ),
        "warning" if matters else "note",
    )
    return Cause(finding, 57, host=host_of(flow.line))
