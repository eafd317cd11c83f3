"""What a person may have meant who named a repository or a revision that is not there: at most two short questions.

A hint is worth a moment, and never a failure of its own: whatever goes wrong here, the first finding stays as it was.
"""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Any, get_args

from hfpush.commands.fetch_report import FetchRequest
from hfpush.commands.outlet import outlet_for
from hfpush.endpoints import RepoAddress, RepoType
from hfpush.errors import HfpushError
from hfpush.findings import Finding
from hfpush.hub.api import HubApi
from hfpush.net.http import Call, Http
from hfpush.net.patience import Patience
from hfpush.net.retry import RetryPolicy
from hfpush.receive.select import near
from hfpush.settings import Settings
from hfpush.units import count

_NO_REPO = ("token-missing", "repo-not-found")
_NO_REVISION = "revision-not-found"
_MASKED = "tree-unreadable"  # of a gated repository the list has no digests for those who were not let in
_SHORT = Patience(connect=3.0, idle=3.0, answer=5.0)
_SHOWN = 5


def with_hint(settings: Settings, request: FetchRequest, failure: HfpushError) -> Finding:
    """The finding of `failure`, with what the endpoint has instead: the same id as another type, or the names of its
    branches and tags; or the finding of the gate that is behind a list without digests. As it is for every other
    failure, and where nobody may be asked."""
    found = failure.finding
    if request.offline or found.reference not in (*_NO_REPO, _NO_REVISION, _MASKED):
        return found
    try:
        outlet = outlet_for(settings, request.repo.endpoint, "fetch")
        network = replace(outlet.network, patience=_SHORT)
        with Http(request.repo.endpoint, outlet.token, network=network, connections=1) as http:
            if found.reference == _MASKED:
                return _gate(http, request.repo) or found
            if found.reference == _NO_REVISION:
                return _with_names(found, request.revision or "main", _names(http, request.repo))
            return _with_type(found, request.repo, _other_type(http, request.repo))
    except HfpushError:  # it was only for a hint
        return found


def _gate(http: Http, repo: RepoAddress) -> Finding | None:
    """What keeps us from the files, if it is a gate."""
    try:
        http.send(Call("GET", f"{repo.api_url}/auth-check"))
    except HfpushError as error:
        return error.finding if error.finding.reference == "repo-gated" else None
    return None


def _other_type(http: Http, repo: RepoAddress) -> RepoType | None:
    """The type of which there is a repository of that id."""
    for other in get_args(RepoType):
        if other == repo.type:
            continue
        try:
            HubApi(http, replace(repo, type=other), policy=RetryPolicy(attempts=1), sleep=_never).info()
        except HfpushError as error:
            if error.finding.reference in (*_NO_REPO, _NO_REVISION):
                continue
            raise
        return other  # type: ignore[no-any-return]  # one of RepoType's
    return None


def _names(http: Http, repo: RepoAddress) -> tuple[list[str], list[str]]:
    """Branches and tags."""
    data = http.json(Call("GET", f"{repo.api_url}/refs"))
    return _listed(data, "branches"), _listed(data, "tags")


def _listed(data: Any, kind: str) -> list[str]:
    found = data.get(kind) if isinstance(data, dict) else None
    return [str(one["name"]) for one in found or () if isinstance(one, dict) and "name" in one]


def _with_type(found: Finding, repo: RepoAddress, other: RepoType | None) -> Finding:
    if other is None:
        return found
    what = f"{repo.id} is a {other}: add --type {other}"
    return replace(found, evidence=(*found.evidence, f"there is a {other} of that id"), remedy=(what, *found.remedy))


def _with_names(found: Finding, revision: str, names: tuple[list[str], list[str]]) -> Finding:
    branches, tags = names
    evidence = [*_told("branch", "branches", branches), *_told("tag", "tags", tags)]
    alike = near(revision, [*branches, *tags])
    remedy = tuple(f"--revision {shlex.quote(name)}" for name in alike)
    message = found.message.replace("no such revision", f"no revision {revision!r}")
    return replace(found, message=message, evidence=(*found.evidence, *evidence), remedy=(*remedy, *found.remedy))


def _told(noun: str, plural: str, names: list[str]) -> list[str]:
    shown = ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
    return [f"it has {count(len(names), noun, plural)}: {shown}"] if names else []


def _never(seconds: float) -> None:
    """There is one attempt, and nothing to wait for."""
