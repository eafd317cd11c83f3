"""Which endpoint says what a repository holds: a trusted one that answers, and where none does, any.

The digests that it names judge every byte, wherever that comes from. While another may be asked, one that shows no sign
of life for ten seconds is left; where nobody else can say it, the first one is waited for with all patience.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass

from hfpush.commands.choose import NO_NETWORK, no_network
from hfpush.commands.fetch_disk import Disk
from hfpush.commands.fetch_known import Known, learn, plain_names
from hfpush.commands.fetch_report import FetchRequest
from hfpush.commands.fetch_sources import Doors, Row
from hfpush.commands.impatient import ELSEWHERE, OF_THE_ENDPOINT, impatient_wait
from hfpush.commands.outlet import Outlet, noted
from hfpush.endpoints.address import host_of
from hfpush.errors import HfpushError, NotFound, Refused, Unavailable
from hfpush.findings import Finding
from hfpush.hub.api import HubApi
from hfpush.hub.resolved import Resolved
from hfpush.net.retry import OnWait, RetryPolicy

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Answered:
    """What `outlet` says of the repository, and what is to be told of how that came."""

    known: Known
    outlet: Outlet
    notes: tuple[Finding, ...] = ()


class Asking:
    """Asks the endpoints of a row about the repository, one after the other."""

    def __init__(self, request: FetchRequest, row: Row, doors: Doors, disk: Disk, revision: str) -> None:
        self._row = row
        self._doors = doors
        self._disk = disk
        self._revision = revision
        self._names = plain_names(request)

    def ask(self, policy: RetryPolicy, on_wait: OnWait, tell: Tell, told: Resolved | None = None) -> Answered:
        """The answer of the first that has one. `told` is what the row's own endpoint said a moment ago.

        Raises the failure of the first that was asked.
        """
        order = self._row.believed(own_first=told is not None)
        failures: list[tuple[Outlet, HfpushError]] = []
        for outlet in order:
            if failures and not self._may_follow(outlet, [failure for _, failure in failures]):
                continue
            waits = on_wait if len(order) == 1 else impatient_wait(on_wait)
            try:
                known = self._learn(outlet, policy, waits, told if outlet is self._row.own else None)
            except HfpushError as failure:
                failures.append((outlet, failure))
                if isinstance(failure, (NotFound, Refused)) or failure.finding.reference in ELSEWHERE:
                    continue
                raise
            return Answered(known, outlet, self._notes(known, outlet, failures, tell))
        first, why = failures[0]
        if not isinstance(why, Unavailable) or len(order) == 1:
            raise why
        down = no_network(one.finding for _, one in failures)
        where = NO_NETWORK if down else "no other endpoint can do it"
        tell(f"{where}; waiting for {first.endpoint.name} ({why.finding.reference})")
        known = self._learn(first, policy, on_wait, None)
        return Answered(known, first, self._notes(known, first, [], tell))

    def _learn(self, outlet: Outlet, policy: RetryPolicy, on_wait: OnWait, told: Resolved | None) -> Known:
        with noted(outlet):
            hub = HubApi(
                self._doors.http(outlet), self._doors.at(outlet), policy=policy, sleep=time.sleep, on_wait=on_wait
            )
            return learn(hub, self._disk, self._revision, self._names, told)

    def _may_follow(self, outlet: Outlet, failures: list[HfpushError]) -> bool:
        """Whether one may be asked what others failed to say. What somebody who is trusted has denied, only others who
        are trusted may know better."""
        denied = any(failure.finding.reference not in ELSEWHERE for failure in failures)
        return outlet.endpoint.trusted or not denied

    def _notes(
        self, known: Known, outlet: Outlet, failures: list[tuple[Outlet, HfpushError]], tell: Tell
    ) -> tuple[Finding, ...]:
        notes = []
        if failures:
            gone, failure = failures[0]
            why = failure.finding
            how = "is gone" if why.reference in OF_THE_ENDPOINT else "does not carry this"
            tell(f"{gone.endpoint.name} {how} ({why.reference}); on through {outlet.endpoint.name}")
            message = f"{gone.endpoint.name} {how}; {outlet.endpoint.name} was asked what the repository holds."
            seen = (f"{why.reference}: {why.message}", *why.evidence)
            notes.append(Finding("endpoint-switched", message, seen, severity="note"))
        if not outlet.endpoint.trusted and not known.kept:
            notes.append(_untrusted(outlet, alone=len(self._row.all) == 1))
        return tuple(notes)


def _untrusted(outlet: Outlet, *, alone: bool) -> Finding:
    endpoint = outlet.endpoint
    named = endpoint.name != host_of(endpoint.url)
    trust = ["trust", endpoint.name] if named else ["add", "NAME", endpoint.url, "--trust"]
    remedy = f"if you trust it: {shlex.join(['hfpush', 'endpoint', *trust])}"
    beside = "add --endpoint hf, to have the digests from the Hub"
    return Finding(
        "digests-untrusted",
        f"What the files must be was said by {endpoint.name} itself, which you have not trusted.",
        ("no trusted endpoint was asked" if alone else "no trusted endpoint answered",),
        (remedy,) if endpoint.kind == "hub" else (beside, remedy),
        "note" if alone else "warning",
    )
