"""Run any command with its HTTP traffic carried by ours. Prints nothing; what the command prints is its own.

A door on loopback dials by our rule for proxies; the command gets an environment that leads it to the door, and one
file with every certificate that is trusted, if any was named.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from hfpush.bridge.child import held_signals, run_child
from hfpush.bridge.connect_door import Door, connect_door
from hfpush.bridge.reach import Reach
from hfpush.bridge.surroundings import CONFIGURED, Means, environment_through
from hfpush.findings import Finding
from hfpush.net.network import Network
from hfpush.net.routes import Routes
from hfpush.net.wrappers import without_wrappers
from hfpush.repo.network_keys import configured_keys

Tell = Callable[[str], None]
_GOES_ON = "; it goes on where it was"


@dataclass(frozen=True)
class RunRequest:
    """What to run, and how the outside is reached. `environment` is the caller's, `directory` where the command will
    run: git's configuration there is looked at."""

    command: tuple[str, ...]
    network: Network = field(default_factory=Network)
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    directory: Path = field(default_factory=Path.cwd)


@dataclass(frozen=True)
class RunReport:
    """How it ended: the command's exit code (128 and the number of a signal), and what its connections met."""

    exit_code: int
    findings: tuple[Finding, ...] = ()


def run(request: RunRequest, tell: Tell = lambda line: None) -> RunReport:
    """Run the command to its end, with our standard streams. Raises HfpushError when it could not be started; its exit
    code is then a shell's, 127 or 126. Signals are passed on when it is called in the main thread. `tell` is given a
    line while something takes long to be reached."""
    with held_signals() as held, _opened(request, tell) as (door, environment):
        trace = request.network.trace
        if trace is not None:
            trace.say(f"runs {request.command[0]}")
        code = run_child(request.command, environment, held)
        if trace is not None:
            trace.say(f"{request.command[0]} ended with exit code {code}")
        return RunReport(code, _weighed(door.met.findings, code))


def _weighed(findings: tuple[Finding, ...], code: int) -> tuple[Finding, ...]:
    """What was met, as it counts for a command that ended so: nothing was an error, if it was content all the same.

    What the remedies promise of our own commands is left out: nobody knows whether this one goes on where it was.
    """
    said = tuple(replace(one, remedy=tuple(r.removesuffix(_GOES_ON) for r in one.remedy)) for one in findings)
    if code:
        return said
    return tuple(replace(one, severity="warning") if one.severity == "error" else one for one in said)


def environment_changes(request: RunRequest) -> dict[str, str | None]:
    """What the command's environment would have else than the caller's, None for what would not be in it. The door that
    it names is open no more."""
    with _opened(request) as (_, environment):
        before = request.environment
        gone = [name for name in before if name not in environment]
        new = {name: value for name, value in environment.items() if before.get(name) != value}
        return dict(sorted([*new.items(), *((name, None) for name in gone)]))


@contextmanager
def _opened(request: RunRequest, tell: Tell = lambda line: None) -> Iterator[tuple[Door, dict[str, str]]]:
    """The door, and the environment that leads to it."""
    network = request.network
    routes = network.routes or Routes.of(request.environment)
    clean = without_wrappers(request.environment)
    configured = configured_keys(CONFIGURED, clean, request.directory)
    reach = Reach(routes, network.patience.connect, network.ca_bundle)
    with connect_door(reach, trace=network.trace, tell=tell) as door:
        yield door, environment_through(Means(door.url, door.place, network.ca_bundle), clean, configured)
