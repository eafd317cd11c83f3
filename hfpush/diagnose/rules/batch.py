"""What meets the LFS batch request alone, while the Hub answers others as it should. Pure.

Whoever answers all requests in the Hub's place is told by http.py; tokens and permission by account.py and access.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.http import Exchange
from hfpush.findings import Finding
from hfpush.units import duration

_OTHER_ENDPOINT = "use another endpoint: hfpush endpoint ls"
_NOT_CARRIED = (404, 405, 501)
_DEPTH = 51
_WITHOUT_GIT = ("nexus", "artifactory")
"""Registries that give out files and take none: who uses one knows."""


def causes(facts: Facts) -> Iterator[Cause]:
    """At most one: why the question where large files go has no answer."""
    asked = facts.lfs.batch.exchange if facts.lfs.batch is not None else None
    others = [one for one in facts.exchanges if one.what in ("api", "repo", "refs", "push") and _answers(one)]
    if asked is None or not others or (facts.question.kind in _WITHOUT_GIT and facts.question.purpose != "publish"):
        return
    found = _finding(facts, asked)
    if found is not None:
        yield Cause(found, _DEPTH, frozenset({"lfs-agent-died", "stalled", "repo-not-found"}))


def _answers(one: Exchange) -> bool:
    """Whether somebody is there who speaks as a Hub does."""
    return 0 < one.status < 500 and one.status != 429 and not one.html and not one.loop and not one.failure


def _finding(facts: Facts, asked: Exchange) -> Finding | None:
    mine = urlsplit(facts.question.endpoint).netloc or "The endpoint"
    seen = (_seen(asked),)
    if asked.loop or asked.failure == "redirect-refused":
        message = f"{mine} redirects the LFS batch request in circles, which git-lfs follows without an end, at 0 %."
        return Finding("redirect-refused", message, seen, (_OTHER_ENDPOINT,))
    if asked.failure == "mirror-half" or (asked.status in _NOT_CARRIED and _exists(facts)):
        message = f"{mine} carries the Hub's API, but not the question where large files go: git push ends there."
        return Finding("mirror-half", message, seen, (_OTHER_ENDPOINT,))
    if asked.failure == "stalled":
        message = f"{mine} does not answer the LFS batch request, and answers others."
        return Finding("stalled", message, seen, ("try again in a while", _OTHER_ENDPOINT))
    if asked.failure == "connection-cut":
        message = f"{mine} ends the connection of the LFS batch request without an answer."
        return Finding("connection-cut", message, seen, ("try again in a while", _OTHER_ENDPOINT))
    if asked.html:
        message = f"{mine} answers the LFS batch request with a page in place of data."
        return Finding("not-a-hub", message, seen, (_OTHER_ENDPOINT,))
    if asked.status == 429:
        wait = f"wait {duration(asked.retry_after)}" if asked.retry_after else "wait a few minutes"
        message = f"{mine} asks to slow down, at the LFS batch request."
        return Finding("rate-limited", message, seen, (f"{wait}, then run the same command again",))
    if asked.status >= 500 and asked.status not in (*_NOT_CARRIED, 507):
        message = f"{mine} fails at the LFS batch request ({asked.status}): git-lfs gives up at the first such answer."
        return Finding("hub-unavailable", message, seen, ("try again in a while, or use: hfpush publish",))
    return None


def _exists(facts: Facts) -> bool:
    """Whether the repository is known to be there, so that a 404 speaks of the request."""
    return facts.account.repo_status == 200


def _seen(one: Exchange) -> str:
    if not one.status:
        return f"POST {one.url}: {one.said or one.failure}"
    led = f", after {len(one.redirects)} redirects" if one.redirects else ""
    said = f": {one.said}" if one.said else ""
    return f"POST {one.url} answered {one.status} ({one.kind or 'no type'}){led}{said}"
