"""Which endpoint a run goes through: the one that was named, or the best way to the Hub for what is to be done.

Either way it is asked something first: an endpoint that is dead is told in less than ten seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hfpush.commands.kept_choice import KeptChoice
from hfpush.commands.measure import Measuring, Window, measure_all
from hfpush.commands.outlet import Outlet, network_for, noted, outlet_for
from hfpush.commands.probes import Asked
from hfpush.endpoints import Endpoint
from hfpush.endpoints.choice import Measured, Step, best_of
from hfpush.errors import HfpushError, Refused, Unavailable
from hfpush.findings import Finding
from hfpush.hub.resolved import Resolved
from hfpush.hub.token import saved_token
from hfpush.net.patience import Patience
from hfpush.settings import Settings

CONTACT_SECONDS = 5.5
"""How long an endpoint without an alternative is asked for its first answer."""
_SEE_STEPS = "to see each step of the way: hfpush endpoint test"
NO_NETWORK = "no endpoint can be reached: it is this machine that has no network"
_KEPT_SECONDS = 3.0
_LOOK_ROUND_AFTER = 2.0
_LOOK_ROUND_SECONDS = 1.5
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Chosen:
    """The way out to take, why it was taken (None where there was nothing to choose), and the other candidates,
    the living ones first where that is known. `resolved` is what it said of the revision, where it was just asked."""

    outlet: Outlet
    why: str | None = None
    others: tuple[Outlet, ...] = ()
    resolved: Resolved | None = None


def choose(settings: Settings, asked: Asked, repo_root: Path | None = None, *, attempts: int | None = None) -> Chosen:
    """The endpoint for what is `asked`; each that may be it is asked at most `attempts` times.

    Raises Unavailable where it, or every one of several, is dead; Refused (`endpoint-untrusted`); Misuse and
    LocalTrouble for settings that cannot be used.
    """
    if settings.endpoint is not None:
        outlet = outlet_for(settings, settings.endpoint, asked.operation, repo_root)
        with noted(outlet):
            return Chosen(outlet, resolved=_contact(settings, outlet, asked, attempts or settings.attempts))
    outlets, broken = _outlets(settings, asked, repo_root)
    if len(outlets) == 1:
        with noted(outlets[0]):
            found = _contact(settings, outlets[0], asked, attempts or settings.attempts)
            return Chosen(outlets[0], resolved=found)
    kept = KeptChoice(settings.state_dir, asked, outlets)
    name = kept.name()
    for outlet in outlets:
        if outlet.endpoint.name == name:
            contact = _first_contact(outlet, asked, Window(_KEPT_SECONDS))
            if not contact.result().dead:
                why = "the best in the last ten minutes"
                return Chosen(outlet, why, _but(outlets, outlet), contact.resolved)
    measured = [*measure_all(outlets, asked, _window(attempts)), *broken]
    best = best_of(measured)
    if best is None:
        with noted(outlets[0]):
            raise Unavailable(all_dead(measured))
    kept.keep(best.endpoint.name)
    taken = next(outlet for outlet in outlets if outlet.endpoint == best.endpoint)
    dead = {one.endpoint for one in measured if one.dead}
    return Chosen(taken, best.why, tuple(sorted(_but(outlets, taken), key=lambda one: one.endpoint in dead)))


def next_best(
    outlets: tuple[Outlet, ...], asked: Asked, *, attempts: int | None = None
) -> tuple[Outlet | None, tuple[Finding, ...]]:
    """The best of the endpoints that are left, once another has failed; None where none of them carries the operation.
    And what the others failed with. Each is asked at most `attempts` times."""
    measured = measure_all(outlets, asked, _window(attempts))
    best = best_of([one for one in measured if one.is_whole])
    failures = tuple(one.failure for one in measured if one.failure is not None)
    if best is None:
        return None, failures
    return next(outlet for outlet in outlets if outlet.endpoint == best.endpoint), failures


def _window(attempts: int | None) -> Window:
    return Window() if attempts is None else Window(attempts=attempts)


def no_network(failures: Iterable[Finding]) -> bool:
    """Whether what several endpoints failed with is a fault of this machine. Pure."""
    return all(one.reference in ("host-unreachable", "name-unresolved") for one in failures)


def _first_contact(outlet: Outlet, asked: Asked, window: Window) -> Measuring:
    """What comes of asking the API once, and again where the line fails."""
    contact = Measuring(outlet, asked, window, steps=("api",))
    contact.over.wait(window.seconds)
    return contact


def _outlets(settings: Settings, asked: Asked, repo_root: Path | None) -> tuple[tuple[Outlet, ...], list[Measured]]:
    """The ways out to the candidates, and those that cannot be used at all. Raises if that is every one."""
    with_token = asked.operation == "publish" or bool(settings.token or saved_token())
    found: list[Outlet] = []
    broken: list[Measured] = []
    first: HfpushError | None = None
    for endpoint in settings.book.candidates(with_token=with_token):
        try:
            found.append(outlet_for(settings, endpoint, asked.operation, repo_root))
        except HfpushError as error:  # noqa: PERF203  # one that cannot be used leaves the others
            first = first or error
            broken.append(Measured(endpoint, (Step("api", failure=error.finding),), dead=True))
    if found:
        return tuple(found), broken
    if first is not None:
        raise first
    raise Refused.of(
        "endpoint-untrusted",
        "You have trusted no endpoint with your token.",
        to_try=("hfpush endpoint trust hf", "hfpush endpoint ls"),
    )


def _contact(settings: Settings, outlet: Outlet, asked: Asked, attempts: int) -> Resolved | None:
    """Ask an endpoint to which there is no alternative; returns what it says of the revision. Raises Unavailable if it
    is dead, with what lives instead."""
    patience = outlet.network.patience
    seconds = CONTACT_SECONDS
    if patience.answer > Patience().answer:  # who has asked for more patience gets it
        seconds = max(seconds, patience.answer)
    window = Window(seconds, attempts, min(3.0, patience.connect))
    began = time.monotonic()
    contact = Measuring(outlet, asked, window, steps=("api",))
    contact.over.wait(min(seconds, _LOOK_ROUND_AFTER))
    around: list[Measuring] = []
    if not contact.over.is_set() or contact.result().dead:
        around = _look_round(settings, outlet.endpoint)
    contact.over.wait(max(0.0, began + seconds - time.monotonic()))
    measured = contact.result()
    if not measured.dead or measured.failure is None:
        return contact.resolved
    end = time.monotonic() + min(_LOOK_ROUND_SECONDS, max(0.5, began + seconds + 1 - time.monotonic()))
    for one in around:
        one.over.wait(max(0.0, end - time.monotonic()))
    living = [one.endpoint.name for one in around if one.over.is_set() and not one.result().dead]
    raise Unavailable(_dead(measured.failure, living, outlet.endpoint.url))


def _look_round(settings: Settings, dead: Endpoint) -> list[Measuring]:
    """Ask the other ways to the Hub whether they live, with no token, and no word of the repository."""
    ways = settings.book.candidates(with_token=False)
    if dead not in ways:
        return []  # a place of its own, for which nothing else stands in
    nothing = Asked("fetch")
    window = Window(_LOOK_ROUND_SECONDS)
    outlets = [Outlet(each, None, network_for(settings, each)) for each in ways if each != dead]
    return [Measuring(outlet, nothing, window, steps=("api",)) for outlet in outlets]


def _dead(failure: Finding, living: list[str], url: str) -> Finding:
    remedies = tuple(f"another endpoint answers: try --endpoint {name}" for name in living)
    return replace(failure, remedy=(*remedies, *failure.remedy, f"{_SEE_STEPS} {url}"))


def all_dead(measured: Sequence[Measured]) -> Finding:
    """The finding for several endpoints that are all dead, the first of them first."""
    first = measured[0].failure
    assert first is not None
    others = tuple(f"{one.endpoint.name}: {one.failure.message}" for one in measured[1:] if one.failure is not None)
    down = no_network(one.failure for one in measured if one.failure is not None) and bool(others)
    evidence = (*first.evidence, *others, *((NO_NETWORK,) if down else ()))
    return replace(first, evidence=evidence, remedy=(*first.remedy, _SEE_STEPS))


def _but(outlets: tuple[Outlet, ...], taken: Outlet) -> tuple[Outlet, ...]:
    return tuple(outlet for outlet in outlets if outlet is not taken)
