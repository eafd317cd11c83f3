"""A proxy wrapper (proxychains, torsocks, tsocks) and git-lfs, which it does not take along. Pure.

Wrappers take connections from the C library. git-lfs is written in Go and makes its own system calls, however it is
linked: it goes straight, past the wrapper, to the Hub and to the storage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.machine import Wrapper
from hfpush.diagnose.facts.ways import Way, line_name
from hfpush.diagnose.rules.proxy_words import UNTRIED, dialled, open_ways, ways_of
from hfpush.diagnose.rules.who import listed
from hfpush.findings import Finding, Severity

DEPTH, DEPTH_NOT_LOADED = 0, 8
STRAIGHT_FAILS = frozenset(
    {
        *("connect-timeout", "connection-refused", "host-unreachable", "connection-cut", "stalled"),
        *("name-unresolved", "dns-failing", "dns-silent", "dns-sinkhole", "fake-address", "ipv6-broken"),
        *("tls-reset", "tls-closed", "tls-silent", "tls-flaky", "tls-name-filtered", "mtu-black-hole", "line-slow"),
    }
)
"""What a program meets that goes straight where that way is closed."""
_COMMANDS = {"proxychains": "proxychains4", "torsocks": "torsocks", "tsocks": "tsocks"}
_AS_LFS_TAKES = ("http", "socks5h")


def causes(facts: Facts) -> Iterator[Cause]:
    """One at most."""
    wrapper = facts.machine.wrapper
    if wrapper is None:
        return
    past = [way for way in ways_of(facts, "git-lfs") if not (way.via or way.error or way.bypassed)]
    if wrapper.preload:
        yield from _leads_nowhere(facts, wrapper, past)
    if wrapper.preload and facts.machine.program("git-lfs").is_go and past:
        yield _bypassed(facts, wrapper, past)
    elif not wrapper.preload:
        yield from _not_loaded(facts, wrapper, past)


def _bypassed(facts: Facts, wrapper: Wrapper, past: Sequence[Way]) -> Cause:
    hosts = tuple(dict.fromkeys(way.host for way in past))
    state, led = open_ways(facts, past), _led(facts, wrapper)
    severity: Severity = "error" if state is False and open_ways(facts, led) is not False else "warning"
    message = (
        f"git-lfs goes past {wrapper.name}, which git goes through: it is written in Go and makes its own system "
        f"calls, of which {wrapper.name} sees none."
    )
    if state is False:
        message += f" Straight, as it goes, {_closed(facts, past)} cannot be reached."
    elif state:
        message += f" It reaches {listed(hosts)} straight, with this machine's own address."
    else:
        message += f" It goes straight to {listed(hosts)}." + UNTRIED
    lfs = facts.machine.program("git-lfs")
    evidence = (
        f"git (git-remote-https) has {wrapper.preload} loaded and goes through "
        f"{listed(wrapper.proxies) or wrapper.name}" + (f": {_told(facts, led)}" if led else ""),
        f"git-lfs ({lfs.path or 'git-lfs'}, written in Go) goes straight: {_told(facts, past)}",
        *((f"{wrapper.name} is configured in {wrapper.config}",) if wrapper.config else ()),
    )
    certain = state is not None and (state or open_ways(facts, led) is True)
    finding = Finding("wrapper-bypassed", message, evidence, _remedy(wrapper, loaded=True), severity)
    return Cause(finding, DEPTH, STRAIGHT_FAILS if state is False else frozenset(), frozenset(hosts), "", certain)


def _leads_nowhere(facts: Facts, wrapper: Wrapper, past: Sequence[Way]) -> Iterator[Cause]:
    """The wrapper takes connections, and they do not stand."""
    led = _led(facts, wrapper)
    shut = [way for way in led if not any(one.outcome == "ok" for one in facts.dialled(way.line))]
    shut = [way for way in shut if facts.dialled(way.line)]
    if not shut:
        return
    straight = open_ways(facts, [way for way in past if way.host in {one.host for one in shut}])
    through = listed(wrapper.proxies) or "its proxy"
    message = (
        f"{wrapper.name}, which git goes through, does not get to {listed(way.host for way in shut)} by {through}."
    )
    evidence = (
        f"git and hfpush through {wrapper.name}: {_told(facts, shut)}",
        *((f"past it, as git-lfs goes: {_told(facts, past)}",) if past else ()),
        *((f"{wrapper.name} is configured in {wrapper.config}",) if wrapper.config else ()),
    )
    command = _COMMANDS.get(wrapper.name, wrapper.name)
    remedy = (
        *((f"without {command}: git push",) if straight else ()),
        f"start the proxy, or correct its address in {wrapper.config or 'the configuration of ' + wrapper.name}",
    )
    finding = Finding("proxy-failed", message, evidence, remedy)
    hosts = frozenset(way.host for way in shut)
    yield Cause(finding, DEPTH, STRAIGHT_FAILS | {"proxy-failed", "wrapper-bypassed"}, hosts, "", straight is True)


def _not_loaded(facts: Facts, wrapper: Wrapper, past: Sequence[Way]) -> Iterator[Cause]:
    """No wrapper here, but one is configured, and its proxy gets where the straight way does not."""
    closed = [way for way in past if facts.works(way.line) is False]
    if len(wrapper.proxies) != 1 or not closed:
        return
    through = {way.host: line_name(way.host, way.port, wrapper.proxies[0]) for way in closed}
    if not all(facts.works(line) for line in through.values()):
        return
    hosts = listed(through)
    message = (
        f"{hosts} cannot be reached straight, as git and git-lfs go here; through {wrapper.name}'s proxy it works. "
        f"Under {wrapper.name} git would go through it, and git-lfs would not."
    )
    evidence = (
        *(f"git-lfs goes straight: {dialled(facts, way.line)}" for way in closed),
        *(f"{line}: {dialled(facts, line)}" for line in through.values()),
        f"{wrapper.name} is configured in {wrapper.config}",
    )
    finding = Finding("wrapper-bypassed", message, evidence, _remedy(wrapper, loaded=False))
    yield Cause(finding, DEPTH_NOT_LOADED, STRAIGHT_FAILS, frozenset(through), "", True)


def _led(facts: Facts, wrapper: Wrapper) -> tuple[Way, ...]:
    """The ways of git that the wrapper takes; hfpush's for what git does not go to."""
    ways = [way for way in facts.ways if way.via == wrapper.name and way.client in ("git", "hfpush")]
    return tuple({way.line: way for way in ways}.values())


def _closed(facts: Facts, past: Sequence[Way]) -> str:
    return listed(way.host for way in past if facts.works(way.line) is False)


def _told(facts: Facts, ways: Sequence[Way]) -> str:
    return "; ".join(dict.fromkeys(f"{way.host}:{way.port} {dialled(facts, way.line)}" for way in ways))


def _remedy(wrapper: Wrapper, *, loaded: bool) -> tuple[str, ...]:
    command = _COMMANDS.get(wrapper.name, wrapper.name)
    carried = f"{command} hfpush run -- git push"
    only = wrapper.proxies[0] if len(wrapper.proxies) == 1 else ""
    if not only or only.partition("://")[0] not in _AS_LFS_TAKES or wrapper.login:
        login = f"or write the login of {wrapper.config} into: export HTTPS_PROXY={_with_login(only)}"
        return (carried, *((login,) if wrapper.login and only else ()))
    without = f"then git push without {command}: git and git-lfs both take that variable"
    return (
        f"export HTTPS_PROXY={only}",
        without if loaded else "then git push: git and git-lfs both take that variable",
        f"or, for good: git config --global http.proxy {only}",
        f"or: {carried}",
    )


def _with_login(url: str) -> str:
    scheme, _, place = url.partition("://")
    return f"{scheme}://USER:PASSWORD@{place}"
