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
from hfpush.diagnose.rules.other_way import go_that_way
from hfpush.diagnose.rules.pace import is_slow_rather
from hfpush.diagnose.rules.spots import host_of, via_of
from hfpush.diagnose.rules.storage_codes import kind_of
from hfpush.diagnose.rules.who import listed, severity_for
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
    slow: bool = False

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
        slow = failed.outcome == "late" and is_slow_rather(mine, failed)
        yield _Failed(failed, tuple(clients), passed, tuple(elsewhere), slow)


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
        return "" if one.slow or put.size > 2**20 else "stalled"  # of large ones rules/pace.py tells
    return ""


def _cause(facts: Facts, reason: str, those: Sequence[_Failed]) -> Cause:
    clients = tuple(dict.fromkeys(client for one in those for client in one.clients))
    seen = tuple(dict.fromkeys(line for one in those for line in one.seen))
    certain = all(one.elsewhere for one in those) or those[0].put.outcome in ("status", "cut")
    message, remedy, clear = _WORDS[reason](those[0], _only_its_way(facts, those))
    severity = severity_for(facts, clients)  # type: ignore[arg-type]  # names of clients, out of their ways
    finding = Finding(reason, message, seen, remedy, severity)
    host = those[0].host
    symptoms = {"storage-refused", "storage-unavailable", "lease-refused", "no-permission", *_LOG.get(reason, ())}
    return Cause(finding, 52, frozenset(symptoms - {reason}), frozenset({host}), host, certain and clear)


def _only_its_way(facts: Facts, those: Sequence[_Failed]) -> tuple[str, ...]:
    """What leads clients by a line on which it went well; none where there is no such line."""
    better = next((put for one in those for put in one.elsewhere), None)
    if better is None:
        return ()
    if via_of(better.line):
        return go_that_way([way for way in facts.ways if way.line == better.line])
    host = host_of(better.line)
    return (f'export NO_PROXY="${{NO_PROXY:+$NO_PROXY,}}{host}" no_proxy="${{no_proxy:+$no_proxy,}}{host}"',)


Words = tuple[str, tuple[str, ...], bool]
"""Message and remedy, and whether nothing is left open in them."""


def _too_large(one: _Failed, way: tuple[str, ...]) -> Words:
    who = f" ({one.put.server})" if one.put.server else ""
    until = f"only files of up to {units.size(one.passed)} get" if one.passed else "nothing gets"
    return (
        f"Something before the storage {one.host}{who} refuses uploads of {units.size(one.put.size)}: its limit on "
        "requests is below the size of large files.",
        (
            *way,
            f"whoever runs {one.host}: no limit on bodies (nginx: client_max_body_size 0; in the server's block)",
            f"{_OTHER_ENDPOINT}; until then {until} through",
        ),
        True,
    )


def _mismatch(one: _Failed, way: tuple[str, ...]) -> Words:
    via = via_of(one.put.line)
    if way:
        what = f"The proxy {via}" if via else "Something on the straight way"
        return f"{what} changes requests to {one.host}, so that their signatures no longer fit.", way, True
    message = (
        f"{one.host} finds that the signatures of uploads do not fit: something on the way changes requests, or the "
        "Hub and its storage do not agree; which one cannot be told from here."
    )
    proxied = (f"reach {one.host} without {via}, if that is allowed",) if via else ("use another network or a proxy",)
    return message, (*proxied, _OTHER_ENDPOINT), False


def _skewed(one: _Failed, way: tuple[str, ...]) -> Words:
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
        ("tell whoever runs the Hub; this machine's clock is right", *way, _OTHER_ENDPOINT),
        ahead is not None,
    )


def _expired(one: _Failed, way: tuple[str, ...]) -> Words:
    return (
        f"{one.host} takes signed URLs for expired that the Hub has just made: git-lfs reports an authorization error.",
        (*way, _OTHER_ENDPOINT, "if it is yours: compare the clocks of the Hub and its storage, and the life of URLs"),
        True,
    )


def _cut(one: _Failed, way: tuple[str, ...]) -> Words:
    where = f"after {units.size(one.put.acked)}" if one.put.acked else "before a byte was taken"
    again = ", each time" if one.put.tries > 1 else ""
    message = f"The connection to {one.host} is cut {where} of an upload{again} ({one.who})."
    return message, way or ("try another network or a proxy", _OTHER_ENDPOINT), one.put.tries > 1


def _stalled(one: _Failed, way: tuple[str, ...]) -> Words:
    if one.put.outcome == "late":
        what = f"takes all {units.size(one.put.size)} of an upload and never answers"
    else:
        what = f"stops taking bytes after {units.size(one.put.acked)}"
    message = f"{one.host} {what}: uploads stand still ({one.who})."
    return message, way or ("try again in a while, or by another network or proxy", _OTHER_ENDPOINT), True


def _refused(one: _Failed, way: tuple[str, ...]) -> Words:
    return f"The storage {one.host} refuses uploads ({_code(one)}).", (*way, _OTHER_ENDPOINT), True


def _full(one: _Failed, way: tuple[str, ...]) -> Words:
    return f"The storage {one.host} has no room left ({_code(one)}).", ("tell its owner", _OTHER_ENDPOINT), True


def _later(one: _Failed, way: tuple[str, ...]) -> Words:
    message = f"The storage {one.host} does not take data at the moment ({_code(one)})."
    return message, (*way, "try again in a while", _OTHER_ENDPOINT), True


def _sent_on(one: _Failed, way: tuple[str, ...]) -> Words:
    message = f"The storage {one.host} sends uploads on to another place ({_code(one)})."
    return message, (*way, _OTHER_ENDPOINT), True


def _code(one: _Failed) -> str:
    return f"{one.put.status} {one.put.code}".rstrip()


_WORDS = {
    "request-too-large": _too_large,
    "signature-mismatch": _mismatch,
    "clock-skewed": _skewed,
    "lease-refused": _expired,
    "connection-cut": _cut,
    "stalled": _stalled,
    "storage-refused": _refused,
    "storage-full": _full,
    "storage-unavailable": _later,
    "rate-limited": _later,
    "redirect-refused": _sent_on,
}


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
