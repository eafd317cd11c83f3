"""This machine's clock against those of the servers, by the Date of their answers. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.rules.spots import place_of
from hfpush.findings import Finding, Severity
from hfpush.units import duration

DEPTH = 9
_WORTH_TELLING, _TOO_MUCH = 60.0, 300.0
_EQUAL = 30.0


def causes(facts: Facts) -> Iterator[Cause]:
    """One where every server that tells the time tells another one than this machine."""
    told = [*((one.line, one.ahead) for one in facts.exchanges), *((one.line, one.ahead) for one in facts.lfs.puts)]
    places: dict[str, list[float]] = {}
    for line, seconds in told:
        if seconds is not None:
            places.setdefault(place_of(line), []).append(seconds)
    by_host = {place: median(values) for place, values in places.items()}
    if not by_host or any(abs(value) < _WORTH_TELLING for value in by_host.values()):
        return
    if max(by_host.values()) - min(by_host.values()) > _EQUAL:
        return  # they do not agree with each other either: one of them is wrong
    ahead = median(by_host.values())
    side = "ahead of" if ahead > 0 else "behind"
    several = len(by_host) > 1
    severity: Severity = "error" if abs(ahead) >= _TOO_MUCH else "warning"
    whom = "every server that was asked" if several else f"{next(iter(by_host))}, and is the likelier one to be wrong"
    message = (
        f"This machine's clock is {duration(abs(ahead))} {side} {whom}: signed addresses and certificates look as if "
        "they were over, or had not begun."
    )
    finding = Finding(
        "clock-skewed",
        message,
        tuple(f"{duration(abs(value))} {side} the Date of {place}" for place, value in by_host.items()),
        ("sudo timedatectl set-ntp true", "sudo chronyd -q 'pool pool.ntp.org iburst'   # without systemd"),
        severity,
    )
    yield Cause(finding, DEPTH, frozenset({"clock-skewed", "lease-refused"}), certain=several)
