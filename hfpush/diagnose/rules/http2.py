"""HTTP/2 that does not work where HTTP/1.1 does. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.rules.spots import host_of
from hfpush.findings import Finding

DEPTH = 40
_KEY = "http.version"


def causes(facts: Facts) -> Iterator[Cause]:
    """One where git and git-lfs would agree on HTTP/2 with the Hub, and it breaks."""
    broken = next((one for one in facts.exchanges if one.h2 == "broken"), None)
    if broken is None or _is_off(facts):
        return
    host = host_of(broken.line)
    works = any(one.status for one in facts.exchanges if one.line == broken.line)
    finding = Finding(
        "http2-broken",
        f"HTTP/2 with {host} breaks, and HTTP/1.1 works: git and git-lfs take HTTP/2 where it is offered."
        if works
        else f"HTTP/2 with {host} breaks; whether HTTP/1.1 works could not be told.",
        (
            f"HTTP/2: {broken.h2_said}",
            *(f"HTTP/1.1: {one.what} answered {one.status}" for one in facts.exchanges[:1] if one.status),
        ),
        (
            f"git config --global {_KEY} HTTP/1.1",
            "hfpush run -- git push   # hfpush itself speaks HTTP/1.1; so does hfpush publish",
        ),
    )
    explains = frozenset({"connection-cut", "stalled", "tls-reset", "tls-closed", "hub-unavailable"})
    yield Cause(finding, DEPTH, explains, frozenset({host}), host, works)


def _is_off(facts: Facts) -> bool:
    """Whether git is told to leave HTTP/2 alone."""
    values = [one.value for one in facts.machine.settings if one.key.lower() == _KEY]
    return bool(values) and values[-1].upper() == "HTTP/1.1"
