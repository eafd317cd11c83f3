"""The endpoints of one fetch: a connection to each that is needed, and in which order they are asked for what.

Bytes come from any of them; what the right ones are, a trusted one says before one that is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from types import TracebackType

from hfpush.commands.fetch_report import FetchRequest
from hfpush.commands.outlet import Outlet
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.net.http import Http
from hfpush.net.network import Network
from hfpush.net.news import News
from hfpush.net.watchdog import watched
from hfpush.receive.source import HubSource, Source


@dataclass(frozen=True)
class Row:
    """The endpoints of a fetch: those that bring bytes at once, and those that stand by until one of them is dropped.

    `own` is the one that was asked first; it is among them.
    """

    own: Outlet
    first: tuple[Outlet, ...]
    reserves: tuple[Outlet, ...] = ()

    @classmethod
    def of(cls, request: FetchRequest) -> Row:
        """The endpoints of a request, each once."""
        own = Outlet(request.repo.endpoint, request.token, request.network)
        standing_by = {outlet.endpoint for outlet in request.reserves}
        first = _once((*(() if own.endpoint in standing_by else (own,)), *request.others))
        taken = {outlet.endpoint for outlet in first}
        reserves = _once(outlet for outlet in request.reserves if outlet.endpoint not in taken)
        if not first:
            first, reserves = reserves[:1], reserves[1:]
        own = next(one for one in (*first, *reserves) if one.endpoint == own.endpoint)
        return cls(own, first, reserves)

    @property
    def all(self) -> tuple[Outlet, ...]:
        """Each of them."""
        return (*self.first, *self.reserves)

    def believed(self, *, own_first: bool) -> tuple[Outlet, ...]:
        """Whom to ask what the repository holds, in order: who is trusted, then who is not; `own_first`: the first
        one answered a moment ago, so it goes before all."""
        rest = [one for one in self.all if one is not self.own]
        order = sorted((self.own, *rest), key=lambda one: not one.endpoint.trusted)
        return tuple(sorted(order, key=lambda one: one is not self.own) if own_first else order)


class Doors:
    """Connections to endpoints, made when they are asked for, and watched; all closed at the end of the block.

    `hear` is told where bytes stand still, by another thread.
    """

    def __init__(self, repo: RepoAddress, hear: Callable[[News], None], *, connections: int) -> None:
        self._repo = repo
        self._hear = hear
        self._connections = connections
        self._stack = ExitStack()
        self._open: dict[str, Http] = {}
        self._watched: Network | None = None

    def __enter__(self) -> Doors:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def http(self, outlet: Outlet) -> Http:
        """The connection to an endpoint."""
        url = outlet.endpoint.url
        if url not in self._open:
            if self._watched is None:
                self._watched = self._stack.enter_context(watched(outlet.network, self._hear))
            network = replace(outlet.network, lines=self._watched.lines)  # one watchdog for all
            http = Http(outlet.endpoint, outlet.token, network=network, connections=self._connections)
            self._open[url] = self._stack.enter_context(http)
        return self._open[url]

    def at(self, outlet: Outlet) -> RepoAddress:
        """The repository at an endpoint."""
        return replace(self._repo, endpoint=outlet.endpoint)

    def sources(self, outlets: Sequence[Outlet], commit: str) -> tuple[Source, ...]:
        """The repository at one commit, at each of these endpoints."""
        return tuple(HubSource(self.http(outlet), self.at(outlet), commit) for outlet in outlets)


def _once(outlets: Iterable[Outlet]) -> tuple[Outlet, ...]:
    """Each endpoint once, where it comes first."""
    once: dict[Endpoint, Outlet] = {}
    for outlet in outlets:
        once.setdefault(outlet.endpoint, outlet)
    return tuple(once.values())
