"""What the storage, or something before it, does with bytes that are sent to signed URLs. Pure.

A line on which all sizes pass is evidence about another that fails at the same host: then it is the way, and not the
storage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hfpush import units
from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.lfs import Put
from hfpush.diagnose.rules.spots import host_of, listed, proxy_line, severity_for, via_of
from hfpush.diagnose.rules.storage_codes import kind_of
from hfpush.findings import Finding

_CLOCK_SECONDS = 60.0
_FEW_BYTES = 64 * 1024
"""Acknowledged by a connection of which perhaps no full segment has passed; then packets get lost, and nobody stops."""
_OTHER_ENDPOINT = "use another endpoint: hfpush endpoint ls"
_LOG = {
    "request-too-large": ("connection-cut", "storage-refused"),
    "connection-cut": ("stalled",),
    "stalled": ("connection-cut", "lfs-agent-died", "proxy-buffers"),
}
"""What clients say of each of these, beside its own name: git-lfs takes every 403 for a lack of permission."""


@dataclass(frozen=True)
class _Failed:
    """What happened first on a line, who takes it, and what passed elsewhere."""

    put: Put
    clients: tuple[str, ...]
    passed: int
    elsewhere: tuple[Put, ...]

    @property
    def host(self) -> str:
        return host_of(self.put.line)

    @property
    def who(self) -> str:
        return listed(self.clients) or "a client"

    @property
    def seen(self) -> tuple[str, ...]:
        """Both sides of the evidence."""
        passed = (f"{self.put.line}: {units.size(self.passed)} went well",) if self.passed else ()
        other = tuple(f"{one.line}: {units.size(one.size)} went well" for one in self.elsewhere)
        return (_told(self.put), *passed, *other)


def causes(facts: Facts) -> Iterator[Cause]:
    """One for each reason for which the storage, or what is before it, does not take bytes."""
    by_reason: dict[str, list[_Failed]] = {}
    for one in _failures(facts):
        reason = _reason(one)
        if reason:
            by_reason.setdefault(reason, []).append(one)
    for reason, those in by_reason.items():
        yield _cause(facts, reason, those)


def _failures(facts: Facts) -> Iterator[_Failed]:
    puts = [one for one in facts.lfs.puts if not one.abandoned]
    for line in dict.fromkeys(one.line for one in puts):
        mine = [one for one in puts if one.line == line]
        if mine[-1].outcome == "ok":
            continue
        failed = mine[-1]
        passed = max((one.size for one in mine if one.outcome == "ok"), default=0)
        others = [one for one in puts if one.line != line and host_of(one.line) == host_of(line)]
        elsewhere = [one for one in others if one.outcome == "ok" and one.size == failed.size]
        clients = dict.fromkeys(way.client for way in facts.ways_to("storage") if way.line == line and way.needed)
        if facts.ways and not clients:
            continue
        yield _Failed(failed, tuple(clients), passed, tuple(elsewhere))


def _reason(one: _Failed) -> str:
    """The reference of what went wrong, empty where that is another rule's to tell."""
    put = one.put
    if put.outcome == "status":
        return kind_of(put.status, put.code, put.said)
    if put.outcome == "cut":
        return "connection-cut"
    if put.outcome == "silent":
        return "" if put.retransmitted and put.acked <= _FEW_BYTES else "stalled"
    if put.outcome == "late":
        return "" if put.size > 2**20 else "stalled"  # a large one is looked at with its pace (rules/pace.py)
    return ""


def _cause(facts: Facts, reason: str, those: Sequence[_Failed]) -> Cause:
    clients = tuple(dict.fromkeys(client for one in those for client in one.clients))
    seen = tuple(dict.fromkeys(line for one in those for line in one.seen))
    certain = all(one.elsewhere for one in those) or those[0].put.outcome == "status"
    message, remedy, clear = _words(facts, reason, those)
    severity = severity_for(facts, clients)  # type: ignore[arg-type]  # names of clients, out of their ways
    finding = Finding(reason, message, seen, remedy, severity)
    host = those[0].host
    symptoms = {"storage-refused", "storage-unavailable", "lease-refused", "no-permission", *_LOG.get(reason, ())}
    return Cause(finding, 52, frozenset(symptoms - {reason}), frozenset({host}), host, certain and clear)


def _words(facts: Facts, reason: str, those: Sequence[_Failed]) -> tuple[str, tuple[str, ...], bool]:
    """Message and remedy of a reason, and whether nothing is left open in them."""
    one = those[0]
    way = _only_its_way(facts, those)
    if reason == "request-too-large":
        return _too_large(one)
    if reason == "signature-mismatch":
        return _mismatch(one, way)
    if reason == "clock-skewed":
        return _skewed(one)
    if reason == "lease-refused":
        return (
            f"{one.host} takes signed URLs for expired that the Hub has just made, so that git-lfs reports an "
            "authorization error.",
            (_OTHER_ENDPOINT, "if it is yours: compare the clocks of the Hub and of its storage, and the life of URLs"),
            True,
        )
    if reason == "connection-cut":
        where = f"after {units.size(one.put.acked)}" if one.put.acked else "before a byte was taken"
        return f"The connection to {one.host} is cut {where} of an upload ({one.who}).", way or (_OTHER_ENDPOINT,), True
    if reason == "stalled":
        what = "takes all bytes of an upload and never answers" if one.put.outcome == "late" else "stops taking bytes"
        after = f" after {units.size(one.put.acked)}" if one.put.outcome == "silent" else ""
        return f"{one.host} {what}{after}: uploads stand still ({one.who}).", way or (_OTHER_ENDPOINT,), True
    return _refused(one, reason, way)


def _only_its_way(facts: Facts, those: Sequence[_Failed]) -> tuple[str, ...]:
    """What leads clients by a line on which it went well; none where there is no such line."""
    better = next((put for one in those for put in one.elsewhere), None)
    if better is None:
        return ()
    if via_of(better.line):
        return (proxy_line(facts, better.line),)
    host = host_of(better.line)
    return (f'export NO_PROXY="${{NO_PROXY:+$NO_PROXY,}}{host}" no_proxy="${{no_proxy:+$no_proxy,}}{host}"',)


def _too_large(one: _Failed) -> tuple[str, tuple[str, ...], bool]:
    who = f" ({one.put.server})" if one.put.server else ""
    more = f"more than {units.size(one.passed)}" if one.passed else "anything"
    return (
        f"Something before the storage {one.host}{who} refuses uploads of {units.size(one.put.size)}: its limit on "
        "requests is below the size of large files.",
        (
            f"whoever runs {one.host}: no limit on bodies (nginx: client_max_body_size 0; in the server's block)",
            _OTHER_ENDPOINT,
            f"until then only files of not {more} get through" if one.passed else "until then nothing gets through",
        ),
        True,
    )


def _mismatch(one: _Failed, way: tuple[str, ...]) -> tuple[str, tuple[str, ...], bool]:
    via = via_of(one.put.line)
    if way:
        what = f"the proxy {via}" if via else "something on the straight way"
        message = f"{what[0].upper()}{what[1:]} changes requests to {one.host}, so that their signatures no longer fit."
        return message, way, True
    message = (
        f"{one.host} finds that the signatures of uploads do not fit: something on the way changes requests, or the "
        "Hub and its storage do not agree; which one cannot be told from here."
    )
    proxied = (f"reach {one.host} without {via}, if that is allowed",) if via else ("use another network or a proxy",)
    return message, (*proxied, _OTHER_ENDPOINT), False


def _skewed(one: _Failed) -> tuple[str, tuple[str, ...], bool]:
    ahead = one.put.ahead
    if ahead is not None and abs(ahead) >= _CLOCK_SECONDS:
        how = "ahead of" if ahead > 0 else "behind"
        return (
            f"This machine's clock is {units.duration(abs(ahead))} {how} that of {one.host}, which refuses every "
            "signed URL.",
            ("timedatectl set-ntp true", "or set the clock by hand"),
            True,
        )
    return (
        f"The clocks of the Hub and of its storage {one.host} are too far apart: every signed URL is refused.",
        ("tell whoever runs the Hub; this machine's clock is right", _OTHER_ENDPOINT),
        ahead is not None,
    )


def _refused(one: _Failed, reason: str, way: tuple[str, ...]) -> tuple[str, tuple[str, ...], bool]:
    said = f"{one.put.status}{f' {one.put.code}' if one.put.code else ''}"
    what = {
        "storage-unavailable": "does not take data at the moment",
        "storage-full": "has no room left",
        "rate-limited": "asks to slow down",
        "redirect-refused": "sends uploads to another place",
    }.get(reason, "refuses uploads")
    later = ("try again in a while",) if reason in ("storage-unavailable", "rate-limited") else ()
    return f"The storage {one.host} {what} ({said}).", (*way, *later, _OTHER_ENDPOINT), True


def _told(put: Put) -> str:
    """One upload in words."""
    size = units.size(put.size)
    if put.outcome == "status":
        code = f" {put.code}" if put.code else ""
        words = f": {put.said}" if put.said else ""
        return f"{put.line}: {size} answered {put.status}{code}{words}"
    if put.outcome == "late":
        return f"{put.line}: {size} taken in {units.duration(put.send_seconds)}, no answer for " + units.duration(
            put.answer_seconds
        )
    again = f", {units.count(put.retransmitted, 'segment')} sent again" if put.retransmitted else ""
    return f"{put.line}: of {size} {units.size(put.acked)} were taken in {units.duration(put.send_seconds)}{again}"
