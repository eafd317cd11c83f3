"""Large packets that get lost on their way out, while small ones pass. Pure.

Those that get lost on their way in are seen in the TLS handshake, and told by tls.py.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from hfpush import units
from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.lfs import Put
from hfpush.diagnose.rules.other_way import go_that_way, others_that_work, taken
from hfpush.diagnose.rules.spots import host_of, via_of
from hfpush.diagnose.rules.who import programs, severity_for
from hfpush.findings import Finding, Severity

_DEPTH = 22
_HARDLY_ANY = 64 * 1024  # taken by a connection of which no large segment may have passed
_MTU, _SMALLEST_MTU = 1280, 576  # what IPv6 promises; what every IPv4 host takes
_AFTER = frozenset({"stalled", "line-slow", "connection-cut", "proxy-buffers", "tls-silent", "mtu-black-hole"})


def causes(facts: Facts) -> Iterator[Cause]:
    """One cause for each host to whose uploads it happens."""
    told = set()
    for line in dict.fromkeys(put.line for put in facts.lfs.puts):
        puts = [put for put in facts.lfs.puts if put.line == line]
        stuck = next((put for put in puts if _lost(put)), None)
        if stuck is not None and host_of(line) not in told:
            told.add(host_of(line))
            yield _of(facts, line, puts, stuck)


def _lost(put: Put) -> bool:
    """Whether packets of a body were sent again and again, and nothing of it arrived any more."""
    return put.outcome == "silent" and put.retransmitted > 0 and put.acked <= _HARDLY_ANY


def _of(facts: Facts, line: str, puts: Sequence[Put], stuck: Put) -> Cause:
    host, ways = host_of(line), taken(facts, line)
    passed = [put for put in puts if put.outcome == "ok" and put.size < stuck.size]
    where = via_of(line) or host
    who = programs(way for way in ways if way.client in ("git-lfs", "huggingface_hub")) or "git-lfs"
    message = (
        f"Large packets to {where} get lost on the way: uploads of {who} stand still, and hfpush sends small ones."
    )
    if not passed:
        message = (
            f"Packets with data to {where} get lost on the way, though connections come about: uploads of {who} stand"
            " still. Whether smaller packets pass was not seen."
        )
    evidence = [f"{line}: {units.size(put.size)} uploaded" for put in passed[-1:]]
    evidence += [
        f"{line}: of {units.size(stuck.size)} only {units.size(stuck.acked)} were taken;"
        f" {units.count(stuck.retransmitted, 'packet')} sent again in vain"
    ]
    others = [way for way in others_that_work(facts, host, [line]) if _uploads(facts, way.line)]
    evidence += [f"by {way.via or 'a straight line'} uploads pass ({way.client})" for way in others[:1]]
    remedy = (
        *smaller(facts, line),
        "if that helps, set it where the network is configured, or have the router or VPN clamp the MSS",
        *go_that_way(others),
    )
    finding = Finding("mtu-black-hole", message, tuple(evidence), remedy, _severity(facts, line))
    return Cause(finding, _DEPTH, _AFTER, frozenset({host}), host, certain=bool(passed))


def _uploads(facts: Facts, line: str) -> bool:
    puts = [put for put in facts.lfs.puts if put.line == line]
    return bool(puts) and all(put.outcome == "ok" for put in puts)


def _severity(facts: Facts, line: str) -> Severity:
    clients = [way.client for way in taken(facts, line)]
    if clients and "git-lfs" not in clients and "hfpush" in clients:
        return "warning"  # hfpush gets through
    return severity_for(facts, clients)


def smaller(facts: Facts, line: str) -> tuple[str, ...]:
    """The command that lets every program on this machine send smaller packets on that way."""
    dial = next((one for one in facts.dialled(line) if one.outcome == "ok" and one.address), None)
    if dial is None:
        return ("ip link set dev INTERFACE mtu 1280   # as root; INTERFACE is the one to the internet",)
    mtu = _SMALLEST_MTU if 0 < dial.mtu <= _MTU else _MTU
    interface = shlex.quote(dial.interface)
    if not dial.interface:
        interface = f"\"$(ip -o route get {shlex.quote(dial.address)} | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p')\""
    return (f"ip link set dev {interface} mtu {mtu}   # as root; until the next start",)
