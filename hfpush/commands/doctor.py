"""Why it does not work: this machine, this repository and this network looked at once, and what follows from that.

What speaks with a network is imported when something is asked there: offline, half of the time would go into that.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from hfpush.commands.doctor_log import LogReading
from hfpush.commands.doctor_machine import read_machine
from hfpush.commands.doctor_repo import read_repository
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.asked import Purpose, Question
from hfpush.diagnose.facts.machine import Machine
from hfpush.diagnose.facts.repository import Disk, Repository
from hfpush.diagnose.probes.disk import look_at_disk
from hfpush.diagnose.report import Report
from hfpush.diagnose.route import Surroundings, ways
from hfpush.diagnose.side_by_side import WHOLE_SECONDS, Asking, side_by_side
from hfpush.diagnose.verdict import verdict
from hfpush.endpoints import Endpoint, RepoReference
from hfpush.errors import HfpushError, LocalTrouble, Misuse
from hfpush.findings import Finding
from hfpush.net.network import Network
from hfpush.net.routes import is_loopback
from hfpush.repo.audit.remotes import is_hub
from hfpush.settings import Settings

_REPOSITORY_SECONDS, _DISK_SECONDS, _MARGIN_SECONDS = 2.5, 6.0, 0.3
_OFFLINE_DISK_SECONDS = 0.35


@dataclass(frozen=True)
class DoctorRequest:
    """What is asked. `path` is a repository or a folder, None where there is none; `log` what somebody has of a failed
    run. `consent` is asked before more than 8 KiB are uploaded to a real Hub."""

    path: Path | None = None
    repo: str | None = None
    repo_type: str | None = None
    purpose: Purpose = "all"
    quick: bool = False
    offline: bool = False
    log: BinaryIO | None = None
    consent: Callable[[int], bool] = lambda _: False


def doctor(settings: Settings, request: DoctorRequest, tell: Callable[[str], None] = lambda _: None) -> Report:
    """Look at everything once; it takes at most 20 seconds. What is wrong is in the report, nothing of it is raised."""
    began = time.monotonic()
    facts = _facts(settings, request, tell)
    return Report(facts, verdict(facts), time.monotonic() - began)


def replay(path: Path) -> Report:
    """What this version makes of a report of whichever version. Raises Misuse (`report-unreadable`), LocalTrouble."""
    from hfpush.diagnose.report_reading import MOST_BYTES, read_report

    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise LocalTrouble.of(
            "report-unreadable", f"{path} cannot be read.", seen=(error.strerror or str(error),)
        ) from error
    report = read_report(text, str(path))
    return replace(report, findings=verdict(report.facts))


def network_facts(
    settings: Settings,
    request: DoctorRequest,
    *,
    seconds: float = WHOLE_SECONDS,
    tell: Callable[[str], None] = lambda _: None,
) -> Facts:
    """What can be found out about this machine and the network in `seconds`, without a look at files."""
    return _network_facts(settings, request, _Start.of(settings, request), seconds, tell)


@dataclass(frozen=True)
class _Start:
    """What every other question follows from."""

    machine: Machine
    around: Surroundings
    question: Question

    @classmethod
    def of(cls, settings: Settings, request: DoctorRequest) -> _Start:
        endpoint = settings.usual_endpoint
        machine, around = read_machine(request.path, settings, endpoint)
        return cls(machine, around, _question(settings, request, endpoint, machine))


def _network_facts(
    settings: Settings, request: DoctorRequest, start: _Start, seconds: float, tell: Callable[[str], None]
) -> Facts:
    endpoint, machine, around, question = settings.usual_endpoint, start.machine, start.around, start.question
    if request.offline:
        return Facts(question=question, machine=machine, ways=ways(around, {"hub": endpoint.url}))
    from hfpush.commands.doctor_credentials import read_credentials
    from hfpush.diagnose.doctor import Patient, examine

    noted: list[Finding] = []
    network, logins = _network(settings, endpoint, request.path, noted), read_credentials(settings, endpoint)
    patient = Patient(
        question=question,
        endpoint=endpoint,
        network=network,
        machine=machine,
        around=around,
        token=logins.token,
        git_login=logins.git_login,
        account=logins.account,
        consent=request.consent,
    )
    return replace(examine(patient, seconds=seconds, tell=tell), noted=(*noted, *logins.noted))


def _facts(settings: Settings, request: DoctorRequest, tell: Callable[[str], None]) -> Facts:
    start = _Start.of(settings, request)
    began = time.monotonic()
    reading = Asking(lambda: read_repository(request.path, start.question, _REPOSITORY_SECONDS))
    looking = Asking(lambda: _disks(settings, request))
    log = _log(settings, request, began + WHOLE_SECONDS)
    found = _network_facts(settings, request, start, WHOLE_SECONDS, tell)
    # Both keep to their seconds, and have long ended where the network took its time.
    repository, told = reading.wait(began + _REPOSITORY_SECONDS + _MARGIN_SECONDS) or (Repository(), ())
    disks = looking.wait(began + _DISK_SECONDS + _MARGIN_SECONDS) or ()
    lines, about_log = ((), ()) if log is None else log.result()
    noted = (*found.noted, *told, *about_log)
    return replace(found, repository=repository, disks=disks, log=lines, noted=noted)


def _log(settings: Settings, request: DoctorRequest, until: float) -> LogReading | None:
    if request.log is None:
        return None
    return LogReading(request.log, until, hub_hosts=(urlsplit(settings.usual_endpoint.url).hostname or "",))


def _question(settings: Settings, request: DoctorRequest, endpoint: Endpoint, machine: Machine) -> Question:
    said = _named(settings, request, endpoint, machine)
    return Question(
        purpose=request.purpose,
        endpoint=endpoint.url,
        endpoint_name=endpoint.name,
        kind=endpoint.kind,
        trusted=endpoint.trusted,
        real=not is_loopback(urlsplit(endpoint.url).hostname or ""),
        repo_id="" if said is None else said.id,
        repo_type="model" if said is None else said.agreed_type(request.repo_type or settings.type),
        path="" if request.path is None else str(request.path),
        quick=request.quick,
        offline=request.offline,
        at=time.time(),
    )


def _named(settings: Settings, request: DoctorRequest, endpoint: Endpoint, machine: Machine) -> RepoReference | None:
    """The repository that was named: on the command line, in the repository's own settings, by a remote of it. Raises
    Misuse for one on the command line that is none."""
    known = (*settings.book, *settings.endpoints)
    if request.repo is not None:
        return RepoReference.parse(request.repo, known)
    if settings.to is not None:
        return RepoReference.parse(settings.to, known)
    for one in machine.settings:
        if one.key.startswith("remote.") and one.key.endswith(".url") and is_hub(one.value, endpoint):
            with suppress(Misuse):  # a remote of another kind says nothing of a repository
                return RepoReference.parse(one.value, (endpoint, *known))
    return None


def _network(settings: Settings, endpoint: Endpoint, path: Path | None, noted: list[Finding]) -> Network:
    """hfpush's own network; what keeps it from being made is noted."""
    from hfpush.commands.outlet import network_for

    try:
        return network_for(settings, endpoint, path)
    except HfpushError as error:
        noted.append(error.finding)
        return settings.network


def _disks(settings: Settings, request: DoctorRequest) -> tuple[Disk, ...]:
    folders = {"cache": settings.cache_dir, "state": settings.state_dir}
    if request.path is not None:
        folders["repository"] = request.path
    seconds = _OFFLINE_DISK_SECONDS if request.offline else _DISK_SECONDS
    tasks = {role: lambda role=role, path=path: look_at_disk(path, role, seconds) for role, path in folders.items()}
    return tuple(side_by_side(tasks, time.monotonic() + seconds + 0.1).values())
