"""Whether large packets to a host get lost without a word: an MTU black hole. Pure.

Somewhere on the way the link takes only smaller packets (a VPN, PPPoE), and the message that says so (ICMP) is
filtered out. Small packets pass: the connection comes about, TLS too. Then the first full segments of a body are sent
again and again. What proves it is that the same bytes pass in small segments while the large ones still do not; or,
where small ones fail too, that new connections come about while data gets nowhere.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from hfpush import units
from hfpush.errors import Unavailable
from hfpush.findings import Finding
from hfpush.net.counts import Counts
from hfpush.net.news import SENDING
from hfpush.net.stall_rule import STALL_SECONDS

SMALL_SEGMENT = 1200
"""Bytes of a segment that fits through nearly every tunnel: IPv6 promises packets of 1280."""
_HARDLY_ANY = 64 * 1024  # acknowledged by a connection of which no large segment may have passed
_PROOF = 64 * 1024  # acknowledged in small segments, more than the head of any request
_MTU = 1280
_SMALLEST_MTU = 576  # what every IPv4 host takes


class LineCut(OSError):
    """We ended a connection ourselves. `finding` says why; with `final` a new one would end no better."""

    def __init__(self, finding: Finding, *, final: bool) -> None:
        super().__init__(finding.message)
        self.finding = finding
        self.final = final

    def failure(self) -> Unavailable:
        """The error it amounts to: tried again, unless it is final."""
        return Unavailable(self.finding, tries=1 if self.final else None)


@dataclass(frozen=True)
class Evidence:
    """What was seen of a connection to `host` on which nothing has been acknowledged for `quiet_seconds`."""

    host: str
    quiet_seconds: float
    counts: Counts

    @property
    def lines(self) -> tuple[str, ...]:
        """It in words."""
        counts = self.counts
        return (
            f"{self.host}: {units.size(counts.acked)} acknowledged, then nothing for {round(self.quiet_seconds)} s",
            f"{units.count(counts.all_retransmits, 'segment')} of up to {counts.segment} bytes sent again in vain",
        )


def suspicious(layer: str, evidence: Evidence) -> bool:
    """Whether a connection looks like one into a black hole: it stands, small packets passed, full segments do not.

    A host that is down looks the same for a while.
    """
    counts = evidence.counts
    lost = counts.retransmits > 0 and counts.unacked > 0 and counts.probes == 0
    return layer == SENDING and evidence.quiet_seconds >= STALL_SECONDS and lost and counts.acked <= _HARDLY_ANY


def proven(small_acked: int, before: Counts, control: Counts) -> bool | None:
    """Whether small segments pass where large ones do not; None as long as that is open.

    `small_acked` bytes passed in small segments. `control` is the connection in large ones that was given up, `before`
    the same when the small one began: it has to try again meanwhile, and to fail.
    """
    if control.acked > before.acked or not control.open:
        return False  # large segments pass as well, or nobody knows
    if small_acked < _PROOF or control.all_retransmits <= before.all_retransmits:
        return None
    return True


def cut_finding(evidence: Evidence) -> Finding:
    """Why a suspicious connection was given up, for a try in small segments."""
    return Finding(
        "stalled",
        f"{evidence.host} stopped acknowledging bytes.",
        evidence.lines,
        ("run the same command again when the network is back; it goes on where it was",),
    )


def black_hole(evidence: Evidence, small: Evidence | None, interfaces: Sequence[str]) -> Finding:
    """The finding. With `small`, the evidence of a connection in small segments that failed as well, it is an error;
    without, a note: the work goes on in small segments. `interfaces` are those on the way to the host, if known."""
    mtu, only = (_MTU, "") if small is None else (_SMALLEST_MTU, ", for IPv4 only")
    remedy = tuple(
        f"ip link set dev {shlex.quote(interface)} mtu {mtu}   # as root{only}; until the next start"
        for interface in interfaces or ("INTERFACE",)
    )
    more = (
        "if that helps, set it where the network is configured, or tell whoever runs the network or VPN"
        " to let ICMP 'packet too big' through, or to clamp the MSS",
    )
    if small is None:
        message = f"Large packets to {evidence.host} get lost on the way; it goes on in small ones, more slowly."
        return Finding("mtu-black-hole", message, evidence.lines, (*remedy, *more), severity="note")
    message = f"Packets with data to {evidence.host} get lost on the way, though connections come about."
    again = ("use another network or a proxy, then run the same command again; it goes on where it was",)
    return Finding("mtu-black-hole", message, (*evidence.lines, *small.lines), (*remedy, *more, *again))
