"""The endpoints that a fetch goes through together: who brings bytes, who stands by, and who is believed.

Of those that were named each brings bytes. Where none was, the best one does, and the other candidates stand by. Who
says what the repository holds is a trusted one that lives, if there is any; nobody else is asked then.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hfpush.commands.choose import CONTACT_SECONDS, all_dead, choose
from hfpush.commands.measure import Measuring, Window
from hfpush.commands.outlet import Outlet, noted, outlet_for
from hfpush.commands.probes import Asked
from hfpush.endpoints.choice import Measured
from hfpush.errors import HfpushError, Unavailable
from hfpush.findings import Finding
from hfpush.hub.resolved import Resolved
from hfpush.settings import Settings

_HEAD_START = 1.0
"""How long the first one is alone, and how long it is preferred to one that has answered."""
_LATER_SECONDS = 2.5
_LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class Party:
    """`believed` says what the repository holds; it is among the others. `resolved` is what it has just said, `why` the
    choice was made, None where there was none."""

    believed: Outlet
    first: tuple[Outlet, ...]
    reserves: tuple[Outlet, ...] = ()
    resolved: Resolved | None = None
    why: str | None = None
    broken: tuple[Finding, ...] = ()

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What is to be told of those that take part, each thing once."""
        notes = (note for outlet in dict.fromkeys((self.believed, *self.first)) for note in outlet.notes)
        return tuple(dict.fromkeys((*self.broken, *notes)))


def gather_party(settings: Settings, asked: Asked, *, attempts: int | None = None) -> Party:
    """The endpoints for a fetch; each is asked at most `attempts` times.

    Raises Unavailable where every one is dead, Misuse and LocalTrouble for settings that cannot be used.
    """
    if len(settings.endpoints) > 1:
        return _of_named(settings, asked, attempts or settings.attempts)
    chosen = choose(settings, asked, attempts=attempts)
    if chosen.outlet.endpoint.trusted:
        return Party(chosen.outlet, (chosen.outlet,), chosen.others, chosen.resolved, chosen.why)
    trusted = [outlet for outlet in chosen.others if outlet.endpoint.trusted]
    living, resolved, _ = _first_alive(trusted, asked, CONTACT_SECONDS, attempts or settings.attempts)
    if living is None:
        return Party(chosen.outlet, (chosen.outlet,), chosen.others, chosen.resolved, chosen.why)
    return Party(living, (chosen.outlet,), chosen.others, resolved, chosen.why)


def _of_named(settings: Settings, asked: Asked, attempts: int) -> Party:
    outlets: list[Outlet] = []
    broken: list[HfpushError] = []
    for endpoint in settings.endpoints:
        try:
            outlets.append(outlet_for(settings, endpoint, asked.operation))
        except HfpushError as error:  # noqa: PERF203  # one that cannot be used leaves the others
            broken.append(error)
    if not outlets:
        raise broken[0]
    seconds, dead = CONTACT_SECONDS, list[Measured]()
    for trusted in (True, False):
        some = [outlet for outlet in outlets if outlet.endpoint.trusted is trusted]
        believed, resolved, failed = _first_alive(some, asked, seconds, attempts)
        dead += failed
        if believed is not None:
            gone = {one.endpoint for one in dead}
            first = tuple(outlet for outlet in outlets if outlet.endpoint not in gone)
            reserves = tuple(outlet for outlet in outlets if outlet.endpoint in gone)
            told = (*(_left_out(error.finding) for error in broken), *map(_dead, dead))
            return Party(believed, first, reserves, resolved, broken=told)
        seconds = _LATER_SECONDS if some else CONTACT_SECONDS
    with noted(outlets[0]):
        raise Unavailable(all_dead(dead))


def _first_alive(
    outlets: Sequence[Outlet], asked: Asked, seconds: float, attempts: int
) -> tuple[Outlet | None, Resolved | None, list[Measured]]:
    """The first of the outlets that gives any answer, what that says of the revision, and those that are dead.

    The others are only asked when the first one hesitates, or is dead.
    """
    if not outlets:
        return None, None, []
    began = time.monotonic()
    window = Window(seconds, attempts, min(3.0, seconds))
    running = [Measuring(outlets[0], asked, window, steps=("api",))]
    running[0].over.wait(_HEAD_START)
    if not _alive(running[0]):
        running += [Measuring(outlet, asked, window, steps=("api",)) for outlet in outlets[1:]]
    answered: float | None = None
    while (now := time.monotonic()) < began + seconds:
        over = [one.over.is_set() for one in running]
        alive = [_alive(one) for one in running]
        if any(alive):
            answered = answered or now
            if all(over[: alive.index(True)]) or now >= answered + _HEAD_START:
                break
        elif all(over):
            break
        time.sleep(_LOOK_SECONDS)
    dead = [one.result() for one in running if not _alive(one)]
    for outlet, one in zip(outlets, running, strict=False):
        if _alive(one):
            return outlet, one.resolved, [gone for gone in dead if gone.failure is not None]
    return None, None, dead


def _alive(one: Measuring) -> bool:
    return one.over.is_set() and not one.result().dead


def _left_out(why: Finding) -> Finding:
    return Finding("endpoint-dropped", f"An endpoint was left out: {why.message}", why.evidence, why.remedy, "warning")


def _dead(one: Measured) -> Finding:
    why = one.failure
    seen: Iterable[str] = () if why is None else (f"{why.reference}: {why.message}", *why.evidence)
    message = f"{one.endpoint.name} ({one.endpoint.url}) did not answer; the others go on without it."
    return Finding("endpoint-dropped", message, tuple(seen), severity="note")
