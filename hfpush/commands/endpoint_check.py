"""Test endpoints step by step for a publish or a fetch, all at once, within five seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hfpush.commands.measure import Window, measure_all
from hfpush.commands.outlet import Outlet, network_for, outlet_for
from hfpush.commands.probes import Asked
from hfpush.endpoints import Endpoint
from hfpush.endpoints.choice import Choice, Measured, Step, best_of
from hfpush.errors import HfpushError
from hfpush.settings import Settings


@dataclass(frozen=True)
class EndpointCheck:
    """What each endpoint carries, in the order of the list, and which of them a run would take."""

    asked: Asked
    measured: tuple[Measured, ...]
    best: Choice | None

    @property
    def is_well(self) -> bool:
        """Whether every endpoint that was tested carries what could be tried."""
        return all(one.is_whole for one in self.measured)

    def as_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return {
            "for": self.asked.operation,
            "repo": self.asked.repo_id,
            "best": None if self.best is None else self.best.endpoint.name,
            "endpoints": [_endpoint(one) for one in self.measured],
        }


def check_endpoints(settings: Settings, asked: Asked, names: Sequence[str] = ()) -> EndpointCheck:
    """Measure the endpoints of these names or URLs (none: all there are) for what is `asked`.

    An endpoint that the user has not trusted is asked without a token; one to which no connection stands is asked as
    often as the settings say. Raises Misuse (`endpoint-unknown`).
    """
    endpoints = [settings.book.find(name) for name in names] or list(settings.book)
    outlets: list[Outlet] = []
    broken: dict[str, Measured] = {}
    for endpoint in dict.fromkeys(endpoints):
        try:
            outlets.append(_outlet(settings, endpoint, asked))
        except HfpushError as error:  # noqa: PERF203  # one that cannot be used leaves the others
            broken[endpoint.url] = Measured(endpoint, (Step("api", failure=error.finding),), dead=True)
    window = Window(attempts=settings.attempts)
    found = {one.endpoint.url: one for one in measure_all(outlets, asked, window, patient=True)} | broken
    measured = tuple(found[endpoint.url] for endpoint in dict.fromkeys(endpoints))
    able = [one for one in measured if one.endpoint.trusted or asked.operation == "fetch"]
    return EndpointCheck(asked, measured, best_of(able))


def _outlet(settings: Settings, endpoint: Endpoint, asked: Asked) -> Outlet:
    if endpoint.trusted:
        return outlet_for(settings, endpoint, asked.operation)
    return Outlet(endpoint, None, network_for(settings, endpoint))


def _endpoint(one: Measured) -> dict[str, Any]:
    return {
        "name": one.endpoint.name,
        "url": one.endpoint.url,
        "kind": one.endpoint.kind,
        "trusted": one.endpoint.trusted,
        "dead": one.dead,
        "steps": [_step(step) for step in one.steps],
    }


def _step(step: Step) -> dict[str, Any]:
    how = "ok" if step.is_ok else "skipped" if step.failure is None else "failed"
    return {
        "step": step.name,
        "result": how,
        "ms": round(step.seconds * 1000),
        "route": step.route or None,
        "skipped": step.skipped,
        "finding": None if step.failure is None else step.failure.as_json(),
    }
