"""Measure what endpoints carry, all at once, within a bound: a thread for each, and nobody waits for a silent one.

Which is the best is endpoints/choice.py's decision; what the requests are is probes.py's.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hfpush.commands.outlet import Outlet
from hfpush.commands.probes import Asked, NothingToAsk, Probes
from hfpush.endpoints import Endpoint
from hfpush.endpoints.choice import STEPS, Measured, Step, StepName
from hfpush.errors import HfpushError, Unavailable
from hfpush.findings import Finding
from hfpush.hub.resolved import Resolved
from hfpush.net.http import Http
from hfpush.net.patience import Patience

WINDOW_SECONDS = 5.0
_CONNECT_SECONDS = 2.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 1.0
_GRACE_SECONDS = 0.5


@dataclass(frozen=True)
class Window:
    """How long a measurement may take in all, how often a request may be tried in it, and how long a connection may
    take to stand. Without a bound on the tries a line that fails at once is tried until the end."""

    seconds: float = WINDOW_SECONDS
    attempts: int = 1000
    connect_seconds: float = _CONNECT_SECONDS


class Measuring:
    """The measurement of one endpoint in a thread of its own, which ends by itself soon after the window."""

    def __init__(
        self, outlet: Outlet, asked: Asked, window: Window, *, steps: Sequence[StepName] | None = None
    ) -> None:
        self._outlet = outlet
        self._asked = asked
        self._names = tuple(STEPS[asked.operation] if steps is None else steps)
        self._window = window
        self._end = time.monotonic() + window.seconds
        self._done: list[Step] = []
        self._latest: Finding | None = None  # why the step at hand has not worked so far
        self._answered = False
        self._bug: Exception | None = None
        self.resolved: Resolved | None = None
        """What the endpoint said of the revision, once the step of its API is over."""
        self.over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"measure-{outlet.endpoint.name}", daemon=True)
        self._thread.start()

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint that is measured."""
        return self._outlet.endpoint

    def result(self) -> Measured:
        """What is known now; a step that has not ended counts as failed, those after it as skipped."""
        if self._bug is not None:
            raise self._bug
        steps, latest = list(self._done), self._latest
        if len(steps) < len(self._names) and not any(step.failure for step in steps):
            name = self._names[len(steps)]
            steps.append(Step(name, self._window.seconds, failure=latest or _silent(self.endpoint, self._window)))
        steps += [Step(name, skipped="not tried") for name in self._names[len(steps) :]]
        return Measured(self.endpoint, tuple(steps), dead=not self._answered)

    def _run(self) -> None:
        try:
            limits = Patience(
                connect=min(self._outlet.network.patience.connect, self._window.connect_seconds),
                idle=self._window.seconds,
                answer=self._window.seconds,
                whole=self._window.seconds,
            )
            network = replace(self._outlet.network, patience=limits)
            with Http(self.endpoint, self._outlet.token, network=network, connections=2) as http:
                probes = Probes(http, self._asked, with_token=self._outlet.token is not None)
                for name in self._names:
                    step = self._step(name, probes)
                    self.resolved = probes.resolved
                    self._done.append(step)
                    if step.failure is not None:
                        return
        except Exception as error:  # noqa: BLE001  # raised where somebody waits for the result
            self._bug = error
        finally:
            self.over.set()

    def _step(self, name: StepName, probes: Probes) -> Step:
        pause, tries = _FIRST_PAUSE, 0
        while True:
            began = time.monotonic()
            try:
                getattr(probes, name)()
            except NothingToAsk as why:
                return Step(name, skipped=str(why))
            except HfpushError as error:
                tries += 1
                self._answered = self._answered or error.status is not None or not isinstance(error, Unavailable)
                if not self._is_worth_another(error, tries, pause):
                    return Step(name, time.monotonic() - began, self._route(probes.url), error.finding)
                self._latest = error.finding
                time.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                self._answered, self._latest = True, None
                return Step(name, time.monotonic() - began, self._route(probes.url))

    def _is_worth_another(self, error: HfpushError, tries: int, pause: float) -> bool:
        """A connection that failed may be a flaky line; an answer is an answer."""
        if not isinstance(error, Unavailable) or error.status is not None:
            return False
        return tries < self._window.attempts and time.monotonic() + pause < self._end

    def _route(self, url: str) -> str:
        routes = self._outlet.network.routes
        return "" if routes is None else routes.route(url).shown


def measure_all(
    outlets: Sequence[Outlet], asked: Asked, window: Window | None = None, *, patient: bool = False
) -> list[Measured]:
    """What each endpoint carries of the operation, in at most the window's seconds.

    Once one of them carries it all the others get as long again, and a little; with `patient` all of the window.
    """
    window = window or Window()
    began = time.monotonic()
    end = began + window.seconds
    running = [Measuring(outlet, asked, window) for outlet in outlets]
    while not all(one.over.is_set() for one in running):
        now = time.monotonic()
        if now >= end:
            break
        whole = any(one.over.is_set() and one.result().is_whole for one in running)
        if whole and not patient:
            end = min(end, now + (now - began) + _GRACE_SECONDS)
            patient = True
        next(one for one in running if not one.over.is_set()).over.wait(min(0.02, end - now))
    return [one.result() for one in running]


def _silent(endpoint: Endpoint, window: Window) -> Finding:
    return Finding(
        "endpoint-silent",
        f"{endpoint.name} has not answered within {window.seconds:g} s.",
        (f"{endpoint.url} was asked, and neither an answer nor an error came",),
        ("try another endpoint with --endpoint", "HFPUSH_ANSWER_SECONDS=120 waits longer for a first answer"),
    )
