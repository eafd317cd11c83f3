"""When a connection that stands still is told of, and when that it moves again. Pure.

A stall is told once for each connection that stands still for ten seconds, those of one host and layer together, and
again every thirty seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hfpush.net.news import Moving, News, Stalled

STALL_SECONDS = 10.0
AGAIN_SECONDS = 30.0


@dataclass(frozen=True)
class Seen:
    """One connection with a request under way: its layer, and since when (seconds of a steady clock) nothing moves."""

    number: int
    host: str
    layer: str
    quiet_since: float
    role: str = ""
    size: int = 0
    there: int = 0


@dataclass(frozen=True)
class _Told:
    """What was told of one host: since when it stands still, which connections, and when last."""

    since: float
    first: float
    last: float
    stalls: frozenset[tuple[int, str]]
    role: str


@dataclass(frozen=True)
class Vigil:
    """What has been told so far, by host."""

    _told: Mapping[str, _Told] = field(default_factory=dict)

    def look(self, seen: Sequence[Seen], moved: Mapping[str, float], now: float) -> tuple[Vigil, list[News]]:
        """What to tell at `now`; `moved` says when bytes last moved at each host."""
        told = dict(self._told)
        news: list[News] = []
        by_host: dict[str, list[Seen]] = {}
        for one in seen:
            if now - one.quiet_since >= STALL_SECONDS:
                by_host.setdefault(one.host, []).append(one)
        for host, still in by_host.items():
            before = told.get(host)
            if not _due(before, still, now):
                continue
            news += _stalls(still, now)
            stalls = frozenset((one.number, one.layer) for one in still)
            since = min(one.quiet_since for one in still)
            told[host] = (
                _Told(since, now, now, stalls, still[0].role)
                if before is None
                else _Told(before.since, before.first, now, before.stalls | stalls, before.role)
            )
        for host, before in list(told.items()):
            if host not in by_host and moved.get(host, before.since) > before.first:
                news.append(Moving(host, moved[host] - before.since, before.role))
                del told[host]
        return Vigil(told), news


def _due(before: _Told | None, still: Sequence[Seen], now: float) -> bool:
    if before is None or now - before.last >= AGAIN_SECONDS:
        return True
    new = any((one.number, one.layer) not in before.stalls for one in still)
    return new and now - before.last >= STALL_SECONDS


def _stalls(still: Sequence[Seen], now: float) -> list[News]:
    """One piece of news for each layer, of the connection that has stood still longest."""
    by_layer: dict[str, list[Seen]] = {}
    for one in sorted(still, key=lambda one: one.quiet_since):
        by_layer.setdefault(one.layer, []).append(one)
    return [
        Stalled(
            ones[0].host,
            layer,
            now - ones[0].quiet_since,
            len(ones),
            ones[0].role,
            ones[0].size,
            min(ones[0].there, ones[0].size),
        )
        for layer, ones in by_layer.items()
    ]
