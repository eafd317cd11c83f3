"""A publish or a fetch through the endpoints that were named, or through the best there is; and when one dies on the
way, through the next.

A publish that is run with twice asks the other endpoint what it has, so nothing that is stored is sent again. A fetch
is told all endpoints at once, and leaves the dead ones itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hfpush.commands.choose import NO_NETWORK, Chosen, Tell, choose, next_best, no_network
from hfpush.commands.fetch import all_here, fetch
from hfpush.commands.fetch_known import plain_names
from hfpush.commands.fetch_offline import unasked
from hfpush.commands.fetch_report import FetchReport, FetchRequest
from hfpush.commands.impatient import ELSEWHERE, OF_THE_ENDPOINT, PATIENCE_SECONDS, ImpatientPublish
from hfpush.commands.outlet import Outlet, noted, outlet_for
from hfpush.commands.party import gather_party
from hfpush.commands.probes import Asked
from hfpush.commands.publish_report import PublishObserver, PublishReport, PublishRequest
from hfpush.endpoints import RepoAddress
from hfpush.errors import HfpushError, Unavailable
from hfpush.findings import Finding
from hfpush.hub.tree_cache import is_commit
from hfpush.net.network import Network
from hfpush.net.patience import Patience
from hfpush.receive.events import Observer
from hfpush.settings import Settings

_TRIES_WITH_ALL_HERE = 2
_SHORTER = Patience(connect=5.0, idle=PATIENCE_SECONDS, answer=30.0)


def publish_through(
    settings: Settings, request: PublishRequest, observer: PublishObserver, *, tell: Tell
) -> PublishReport:
    """Publish as `request` says, whose endpoint, token and network are filled in here. `tell` is given a line where
    there was a choice. Raises what `choose` and `publish` do."""
    from hfpush.commands.publish import publish  # brings the audit and its repairs along, which no fetch needs

    asked = Asked("publish", request.repo.id, request.repo.type, request.revision)
    observer.stage("asking the endpoint")
    chosen = choose(settings, asked, request.path)

    def run(outlet: Outlet, alone: bool) -> PublishReport:
        there = replace(request, repo=_at(request.repo, outlet), token=outlet.token, network=_network(outlet, alone))
        return publish(there, observer if alone else ImpatientPublish(observer))

    report, notes = _carried(settings, chosen, asked, run, tell)
    return replace(report, findings=(*report.findings, *notes)) if notes else report


def fetch_through(settings: Settings, request: FetchRequest, *, observer: Observer, tell: Tell) -> FetchReport:
    """Fetch as `request` says, whose endpoints, tokens and networks are filled in here.

    Several endpoints that were named bring bytes at once; of those among which the best is taken, the others stand by.
    Where everything is on the disk, a dead endpoint is a note. `tell` is as for `publish_through`. Raises what `choose`
    and `fetch` do.
    """
    revision = request.revision or "main"
    if request.offline:
        return fetch(request, observer=observer)
    here = all_here(request)
    if here and is_commit(revision):
        return fetch(_through(request, outlet_for(settings, settings.usual_endpoint, "fetch")), observer=observer)
    names = plain_names(request)
    file = names[0] if len(names) == 1 else None
    asked = Asked("fetch", request.repo.id, request.repo.type, revision, file)
    attempts = _TRIES_WITH_ALL_HERE if here else None
    try:
        party = gather_party(settings, asked, attempts=attempts)
    except Unavailable as failure:
        if not here:
            raise
        report = fetch(replace(request, offline=True), observer=observer)
        return replace(report, findings=(unasked(failure), *report.findings))
    if party.why is not None:
        tell(f"through {party.first[0].endpoint.name} ({party.first[0].endpoint.url}): {party.why}")
    alone = len((*party.first, *party.reserves)) == 1

    def patient(outlets: tuple[Outlet, ...]) -> tuple[Outlet, ...]:
        return tuple(replace(outlet, network=_network(outlet, alone)) for outlet in outlets)

    there = _through(request, *patient((party.believed,)))
    there = replace(there, others=patient(party.first), reserves=patient(party.reserves))
    with noted(party.believed):
        report = fetch(there, observer=observer, told=party.resolved, tell=tell)
    notes = tuple(note for note in party.notes if note not in report.findings)
    return replace(report, findings=(*report.findings, *notes)) if notes else report


def _through(request: FetchRequest, outlet: Outlet) -> FetchRequest:
    return replace(request, repo=_at(request.repo, outlet), token=outlet.token, network=outlet.network)


def _carried(
    settings: Settings, chosen: Chosen, asked: Asked, run: Callable[[Outlet, bool], PublishReport], tell: Tell
) -> tuple[PublishReport, tuple[Finding, ...]]:
    """What `run` returns through the chosen endpoint, else through the next; and what is to be said of that.

    Where no other can do it, the last one is waited for with all the patience that an endpoint alone gets."""
    outlet, others = chosen.outlet, chosen.others
    notes = list(outlet.notes)
    if chosen.why is not None:
        tell(f"through {outlet.endpoint.name} ({outlet.endpoint.url}): {chosen.why}")
    while True:
        try:
            with noted(outlet):
                return run(outlet, not others), tuple(notes)
        except HfpushError as failure:  # noqa: PERF203  # the next endpoint
            why = failure.finding.reference
            if not others or why not in ELSEWHERE:
                raise
            found, failures = next_best(others, asked, attempts=settings.attempts)
            if found is None:
                if why not in OF_THE_ENDPOINT:
                    raise
                where = NO_NETWORK if no_network((failure.finding, *failures)) else "no other endpoint can do it"
                tell(f"{where}; waiting for {outlet.endpoint.name} ({why})")
                others = ()
                continue
            gone, outlet = outlet, found
            tell(f"{gone.endpoint.name} {_what(failure)} ({why}); on through {outlet.endpoint.name}")
            notes += [_switched(gone, outlet, failure), *(note for note in outlet.notes if note not in notes)]
            others = tuple(other for other in others if other is not outlet)


def _at(repo: RepoAddress, outlet: Outlet) -> RepoAddress:
    return replace(repo, endpoint=outlet.endpoint)


def _network(outlet: Outlet, alone: bool) -> Network:
    """The outlet's network; where another endpoint lives, with less patience, unless the user has set it."""
    if alone:
        return outlet.network
    given, usual = outlet.network.patience, Patience()
    shorter = replace(
        given,
        connect=_SHORTER.connect if given.connect == usual.connect else given.connect,
        idle=_SHORTER.idle if given.idle == usual.idle else given.idle,
        answer=_SHORTER.answer if given.answer == usual.answer else given.answer,
    )
    return replace(outlet.network, patience=shorter)


def _what(failure: HfpushError) -> str:
    return "is gone" if failure.finding.reference in OF_THE_ENDPOINT else "does not carry this"


def _switched(gone: Outlet, outlet: Outlet, failure: HfpushError) -> Finding:
    return Finding(
        "endpoint-switched",
        f"{gone.endpoint.name} {_what(failure)}; the rest went through {outlet.endpoint.name}.",
        (f"{failure.finding.reference}: {failure.finding.message}", *failure.finding.evidence),
        severity="note",
    )
