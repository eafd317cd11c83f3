"""TLS handshakes that do not come to an end. Pure.

What happens only through a proxy is the proxy's doing, of which rules/proxies.py tells; certificates are judged in
rules/certificates.py.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hfpush import units
from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.tls import Handshake, Outcome
from hfpush.diagnose.rules.alerts import ALERTS
from hfpush.diagnose.rules.other_way import go_that_way
from hfpush.diagnose.rules.packets import smaller
from hfpush.diagnose.rules.proxy_words import except_for
from hfpush.diagnose.rules.spots import clients_of, host_of, is_of_use, place_of, via_of
from hfpush.diagnose.rules.who import listed, severity_for
from hfpush.findings import Finding

DEPTH = 30
SYMPTOMS = frozenset(
    {
        *("tls-reset", "tls-closed", "tls-silent", "tls-flaky", "tls-failed", "tls-version", "tls-plaintext"),
        *("connection-cut", "stalled", "hub-unavailable", "not-a-hub"),
    }
)
"""What requests and logs say of a host with which TLS does not come about."""
_CUT: tuple[Outcome, ...] = ("reset", "closed", "silent")
_VERSIONS = (40, 47, 70, 71, 86)
_NAME_UNKNOWN = 112
_HOW = {
    "reset": "reset",
    "closed": "closed",
    "silent": "not answered",
    "alert": "refused with an alert",
    "not-agreed": "answered in a way that cannot be agreed to",
    "plaintext": "answered with something that is not TLS",
    "garbage": "answered with something that is not TLS",
}
_OTHER_WAY = (
    "use another network, or a proxy that reaches it: export HTTPS_PROXY=http://PROXY:PORT",
    "or a mirror that can be reached: hfpush doctor --endpoint MIRROR tells whether it would do",
)
_MTU = "if a VPN or PPPoE is in between, as root: ip link set dev INTERFACE mtu 1280"


@dataclass(frozen=True)
class _Spot:
    """The lines to one host and port. `bad` are those on which every handshake failed and somebody relies, `good` those
    on which none did."""

    place: str
    host: str
    bad: tuple[Handshake, ...]
    flaky: tuple[Handshake, ...]
    good: tuple[Handshake, ...]


def causes(facts: Facts) -> Iterator[Cause]:
    """One for each host and port whose handshakes fail."""
    for place in dict.fromkeys(place_of(one.line) for one in facts.handshakes):
        spot = _spot(facts, place)
        if spot.bad:
            yield _failing(facts, spot)
        elif spot.flaky:
            yield _flaky(facts, spot)


def _spot(facts: Facts, place: str) -> _Spot:
    shaken = [one for one in facts.handshakes if place_of(one.line) == place and one.tries]
    bad = [one for one in shaken if one.failed == one.tries and is_of_use(facts, one.line)]
    straight = [one.fails_with for one in bad if not via_of(one.line)]
    own = tuple(one for one in bad if not via_of(one.line) or not _is_the_proxys(one, straight))
    flaky = tuple(one for one in shaken if 0 < one.failed < one.tries and is_of_use(facts, one.line))
    return _Spot(place, host_of(place), own, flaky, tuple(one for one in shaken if not one.failed))


def _is_the_proxys(one: Handshake, straight: Sequence[Outcome]) -> bool:
    """Whether what happens on a line through a proxy may be the proxy's doing: it said yes and lost its way. Not where
    the same happens without it."""
    return one.fails_with in _CUT and one.small != "ok" and one.fails_with not in straight


def _failing(facts: Facts, spot: _Spot) -> Cause:
    worst = spot.bad[0]
    told: Callable[[Facts, _Spot, Handshake], Finding]
    if worst.fails_with == "silent" and worst.small == "ok":
        told, certain = _black_hole, True
    elif worst.fails_with in _CUT and worst.other_name not in (*_CUT, "not-tried"):
        told, certain = _filtered, True
    elif worst.fails_with in _CUT:
        told, certain = _cut, bool(spot.good)
    elif worst.fails_with == "alert" and worst.alert == _NAME_UNKNOWN:
        told, certain = _name_unknown, True
    elif worst.fails_with in ("plaintext", "garbage"):
        told, certain = _plaintext, True
    else:
        told, certain = _no_agreement, True
    return _cause(told(facts, spot, worst), spot, certain)


def _cause(finding: Finding, spot: _Spot, certain: bool, depth: int = DEPTH) -> Cause:
    return Cause(finding, depth, SYMPTOMS, frozenset({spot.host}), spot.host, certain)


def _black_hole(facts: Facts, spot: _Spot, worst: Handshake) -> Finding:
    return _finding(
        facts,
        spot,
        "mtu-black-hole",
        f"Large packets from {spot.host} get lost on the way here: no TLS handshake ends, except with small ones.",
        remedy=(
            *smaller(facts, worst.line),
            "if that helps, set it where the network is configured, or have the router or VPN clamp the MSS",
            *_better(facts, spot),
        ),
    )


def _filtered(facts: Facts, spot: _Spot, worst: Handshake) -> Finding:
    what = "they are cut" if worst.fails_with in ("reset", "closed") else "nothing comes back"
    return _finding(
        facts,
        spot,
        "tls-name-filtered",
        f"Something on the way looks for the name {spot.host} in connections: once they say it, {what}.",
        remedy=_better(facts, spot) or _OTHER_WAY,
    )


def _cut(facts: Facts, spot: _Spot, worst: Handshake) -> Finding:
    how = {
        "reset": f"Every connection to {spot.host} is reset during the TLS handshake",
        "closed": f"Every connection to {spot.host} is closed during the TLS handshake",
        "silent": f"Connections to {spot.host} come about, and then nobody answers the TLS handshake",
    }[worst.fails_with]
    reference = "tls-silent"
    if worst.fails_with != "silent":
        reference = "tls-reset" if worst.fails_with == "reset" else "tls-closed"
    if spot.good:
        other = via_of(spot.good[0].line)
        where = f"; through {other} they stand" if other else "; straight they stand"
    elif worst.fails_with == "silent":
        where = "; whether the host is silent or something on the way cannot be told from here"
    else:
        where = ": by the host itself or by something on the way, which cannot be told from here"
    small = (_MTU,) if worst.small == "ok" else ()
    return _finding(
        facts, spot, reference, f"{how}{where}.", remedy=(*_better(facts, spot), *small) or (*small, *_OTHER_WAY)
    )


def _name_unknown(facts: Facts, spot: _Spot, worst: Handshake) -> Finding:
    return _finding(
        facts,
        spot,
        "tls-name-unknown",
        f"What answers at {spot.place} does not know the name {spot.host}, and so refuses TLS.",
        remedy=(
            "check the endpoint's URL: hfpush endpoint ls, and HF_ENDPOINT",
            f"check where the name leads: getent hosts {spot.host}",
            "if it is your mirror: give its front end that name (server_name), with a certificate for it",
        ),
    )


def _plaintext(facts: Facts, spot: _Spot, worst: Handshake) -> Finding:
    via = via_of(worst.line)
    where = f"{spot.place} through {via}" if via else spot.place
    web = worst.began_with.startswith("HTTP/")
    what = "plain HTTP" if web else "something else"
    own = ("if that is a server of your own without TLS: write its address with http://",) if web else ()
    return _finding(
        facts,
        spot,
        "tls-plaintext",
        f"What answers at {where} does not speak TLS but {what}.",
        remedy=(
            *_better(facts, spot),
            *own,
            "check the endpoint's URL and port: hfpush endpoint ls, and HF_ENDPOINT",
            "if this network has a login page, open any page in a browser and log in",
        ),
    )


def _no_agreement(facts: Facts, spot: _Spot, worst: Handshake) -> Finding:
    old = worst.version in ("SSL 3.0", "TLS 1.0", "TLS 1.1")
    if worst.fails_with == "alert" and worst.alert not in _VERSIONS:
        alert = _alert(worst)
        return _finding(
            facts,
            spot,
            "tls-failed",
            f"{spot.host} refuses every TLS handshake with the alert {alert}.",
            remedy=("tell whoever runs that server or the middlebox in front of it", *_better(facts, spot)),
        )
    says = f", which speaks {worst.version} only" if old else ""
    return _finding(
        facts,
        spot,
        "tls-version",
        f"The programs here and {spot.host}{says} find no TLS version and cipher in common.",
        remedy=(
            *_better(facts, spot),
            "let the server, or the middlebox in front of it, speak TLS 1.2 or 1.3",
            "where this machine's system is older than that: update it, with OpenSSL, GnuTLS and git-lfs",
        ),
    )


def _flaky(facts: Facts, spot: _Spot) -> Cause:
    worst = spot.flaky[0]
    via = via_of(worst.line)
    through = f" through {via}" if via else ""
    clean = [one for one in spot.good if one.tries > 1]
    finding = _finding(
        facts,
        spot,
        "tls-flaky",
        f"{worst.failed} of {units.count(worst.tries, 'TLS handshake')} with {spot.host}{through} failed: "
        "git and git-lfs give up at the first that does.",
        shown=(*spot.flaky, *spot.good),
        remedy=(
            *(_by(facts, clean[0].line) if clean else ()),
            "hfpush run -- git push   # it tries handshakes again, up to eight times; hfpush publish does so too",
            "choose another node of the proxy" if via else "use another network, or a proxy",
        ),
    )
    return _cause(finding, spot, True)


def _better(facts: Facts, spot: _Spot) -> tuple[str, ...]:
    """The lines to paste for a way on which every handshake stands."""
    through = next((one.line for one in spot.good if "://" in via_of(one.line)), "")
    if through:
        return _by(facts, through)
    if not any(via_of(one.line) for one in spot.bad) or not spot.good:
        return ()
    return (f"{except_for([spot.host])}   # straight it works",)


def _by(facts: Facts, line: str) -> tuple[str, ...]:
    ways = [way for way in facts.ways if way.line == line]
    return go_that_way(ways) if ways or not via_of(line) else (f"export HTTPS_PROXY={shlex.quote(via_of(line))}",)


def _finding(
    facts: Facts,
    spot: _Spot,
    reference: str,
    message: str,
    *,
    remedy: tuple[str, ...],
    shown: Sequence[Handshake] = (),
) -> Finding:
    clients = [client for one in spot.bad or spot.flaky for client in clients_of(facts, one.line)]
    evidence = [_seen(one) for one in shown or (*spot.bad, *spot.good)]
    evidence += [line for one in spot.bad[:1] if one.fails_with in _CUT for line in _variants(one)]
    if clients:
        evidence.append(f"{listed(clients)} would go that way")
    severity = severity_for(facts, clients)
    return Finding(reference, message, tuple(evidence), remedy, severity)


def _seen(one: Handshake) -> str:
    if not one.failed:
        return f"{one.line}: {one.tries} of {units.count(one.tries, 'handshake')} stood, {one.version or 'TLS'}"
    how = _HOW.get(one.fails_with, one.fails_with)
    if one.fails_with in _CUT:
        if one.fails_with == "silent":
            how += f" within {max(1, round(one.seconds))} s"
        how += f", {units.count(one.got, 'byte')} of an answer had come" if one.got else ", not a byte had come"
    elif one.fails_with == "alert":
        how = f"refused with the alert {_alert(one)}"
    elif one.began_with:
        how += f": it begins with {one.began_with}"
    elif one.said:
        how += f" ({one.said})"
    return f"{one.line}: {one.failed} of {units.count(one.tries, 'handshake')} {how}"


def _variants(one: Handshake) -> Iterator[str]:
    if one.small != "not-tried":
        yield f"with small segments: {_of(one.small)}"
    if one.other_name != "not-tried":
        yield f"at the same address with the name {one.other}: {_of(one.other_name)}"


def _of(outcome: Outcome) -> str:
    return "a handshake that stands" if outcome == "ok" else _HOW.get(outcome, outcome)


def _alert(one: Handshake) -> str:
    name = ALERTS.get(one.alert)
    return f"{one.alert} ({name})" if name else str(one.alert)
