"""Endpoints that carry the API of a Hub, and not all that comes after it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.lfs import Mirror
from hfpush.findings import Finding

_SYMPTOMS = frozenset(
    {
        *("connect-timeout", "connection-refused", "host-unreachable", "name-unresolved", "dns-failing", "dns-silent"),
        *("tls-reset", "tls-closed", "tls-silent", "tls-name-filtered", "tls-failed", "connection-cut", "stalled"),
        *("proxy-refused", "proxy-lost-way", "proxy-failed"),
    }
)
"""What one meets at a host that a mirror should have been in front of."""


def causes(facts: Facts) -> Iterator[Cause]:
    """What an endpoint leaves to hosts that cannot be reached from here, and what it takes and does not know."""
    mirror = facts.lfs.mirror
    if mirror is None:
        return
    elsewhere = _bytes_elsewhere(facts, mirror) if mirror.data is False else None
    if elsewhere is not None:
        yield elsewhere
    elif mirror.completion is False:
        yield _no_end(facts, mirror)


def _bytes_elsewhere(facts: Facts, mirror: Mirror) -> Cause | None:
    ways = [way for way in facts.ways_to("storage") if way.needed]
    lines = dict.fromkeys(way.line for way in ways)
    if not lines or any(facts.works(line) is not False for line in lines):
        return None  # where one way works and another does not, it is the way that is wrong
    mine, host = _endpoint(facts), ways[0].host
    seen = [f"{mine} answers the LFS batch, and names {host} for the bytes"]
    for line in lines:
        tries = [f"{line}: {one.outcome}" + (f" ({one.said})" if one.said else "") for one in facts.dialled(line)]
        shaken = facts.handshake(line)
        seen += tries[:2]
        if shaken is not None and shaken.outcome != "ok":
            seen.append(f"{line}: TLS {shaken.outcome}")
    finding = Finding(
        "mirror-half",
        f"{mine} carries the Hub's API, but not large files: it sends their bytes to {host}, which cannot be reached "
        "from here.",
        (*seen, *mirror.said),
        (
            "use an endpoint that carries the bytes as well, such as an hfpush relay: hfpush endpoint ls",
            f"or a proxy by which {host} is reached: export HTTPS_PROXY=socks5h://PROXY:PORT",
        ),
    )
    return Cause(finding, 9, _SYMPTOMS, frozenset({host}), host)


def _no_end(facts: Facts, mirror: Mirror) -> Cause:
    mine = _endpoint(facts)
    what = "the end of uploads" if any(one.startswith("complete") for one in mirror.said) else "the check of uploads"
    finding = Finding(
        "mirror-half",
        f"{mine} takes large files, but does not carry {what}: git push gets to 100 % and then fails.",
        mirror.said,
        (
            "use an endpoint that carries all of a Hub: hfpush endpoint ls",
            "or name the Hub behind it as trusted, and let hfpush publish ask that for the end: "
            "hfpush endpoint add NAME URL --kind hub --trust",
        ),
    )
    return Cause(finding, 53)


def _endpoint(facts: Facts) -> str:
    return urlsplit(facts.question.endpoint).netloc or "The endpoint"
