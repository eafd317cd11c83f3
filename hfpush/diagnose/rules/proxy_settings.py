"""Settings of proxies that lead some programs and not others: the same variable or key, read in different ways. Pure.

Where all ways work nevertheless, that is a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from shlex import quote

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.machine import Client, ConfigLine
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.rules.proxy_words import (
    UNTRIED,
    dialled,
    except_for,
    git_config,
    open_ways,
    respelt,
    scheme_in,
    value_of,
    ways_of,
)
from hfpush.diagnose.rules.who import by_whom, listed, severity_for
from hfpush.diagnose.rules.wrapper import STRAIGHT_FAILS
from hfpush.findings import Finding, Severity

_ALL = re.compile(r"(?i)all_proxy")
_SCOPED = re.compile(r"(?i)(?:http\.(.+)|remote\.(.+))\.proxy")
_NO_SUCH_KEY = re.compile(r"(?i)https\.(?:.+\.)?proxy")
_LFS_SCHEMES = ("http", "https", "socks5", "socks5h")
_STOCK: tuple[Client, ...] = ("git", "git-lfs")
_PROXY_FAILS = frozenset({"proxy-failed", "proxy-login", "proxy-refused", "proxy-unusable", "proxy-lost-way"})


def causes(facts: Facts) -> Iterator[Cause]:
    """One at most of each."""
    yield from _all_proxy(facts)
    yield from _hub_only(facts)
    yield from _not_off(facts)
    yield from _unknown_key(facts)
    yield from _unsupported(facts)
    yield from _socks_missing(facts)
    yield from _ssh(facts)


def _severity(state: bool | None) -> Severity:
    return {False: "error", True: "note", None: "warning"}[state]  # type: ignore[return-value]


def _all_proxy(facts: Facts) -> Iterator[Cause]:
    """git goes by ALL_PROXY, and git-lfs does not know it."""
    led = {way.target: way for way in facts.ways if way.client == "hfpush" and _ALL.fullmatch(way.by) and way.via}
    led |= {way.target: way for way in facts.ways if way.client == "git" and _ALL.fullmatch(way.by) and way.via}
    past = [way for way in ways_of(facts, "git-lfs") if _is_straight(way) and way.target in led]
    if not past:
        return
    state = open_ways(facts, past)
    by = next(iter(led.values())).by
    good = open_ways(facts, [led[way.target] for way in past])
    message = f"git-lfs does not know {by}, by which git goes through {led[past[0].target].via}: it goes straight"
    message += f", and {_closed(facts, past)} cannot be reached that way." if state is False else "."
    message += UNTRIED if state is None else ""
    if scheme_in(facts, by) in _LFS_SCHEMES:
        remedy = [f'export HTTPS_PROXY="${by}"']
    elif scheme_in(facts, by) == "socks":
        remedy = [f'export HTTPS_PROXY="socks5h://${{{by}#*://}}"']
    else:
        remedy = []
    remedy.append(f"{'or: ' if remedy else ''}hfpush run -- git push")
    severity: Severity = "warning" if state is False and good is False else _severity(state)
    finding = Finding("all-proxy-ignored", message, _both(facts, past, led.values()), tuple(remedy), severity)
    explains = STRAIGHT_FAILS if state is False else frozenset()
    yield Cause(finding, 1, explains, _hosts(past), "", good is True and state is not None)


def _hub_only(facts: Facts) -> Iterator[Cause]:
    """A proxy that is set for the Hub's URL alone, or for a remote: the storage, or git-lfs, goes straight."""
    own = [one for one in facts.machine.settings if _SCOPED.fullmatch(one.key) and one.value]
    keys = {one.key.lower() for one in own}
    led = [way for way in facts.ways if way.client in ("git", "git-lfs") and way.needed and way.via]
    led = [way for way in led if way.by.lower() in keys]
    past = [way for way in ways_of(facts, "git-lfs") if _is_straight(way)]
    if not led or not past:
        return
    setting = next(one for one in own if one.key.lower() == led[0].by.lower())
    state, good = open_ways(facts, past), open_ways(facts, led)
    of_remote = setting.key.lower().startswith("remote.")
    whose = "git, and for one remote" if of_remote else "the Hub"
    message = f"{setting.key} is a proxy for {whose} alone: git-lfs goes straight to {listed(w.host for w in past)}"
    message += ", where large files go" if any(way.target == "storage" for way in past) and not of_remote else ""
    message += f", and {_closed(facts, past)} cannot be reached that way." if state is False else "."
    take = f'"$({git_config(facts, setting.key)} --get {quote(setting.key)})"'
    message += UNTRIED if state is None else ""
    severity: Severity = "warning" if state is False and good is False else _severity(state)
    finding = Finding(
        "proxy-hub-only",
        message,
        (_where(setting), *_both(facts, past, led)),
        (f"{git_config(facts, setting.key)} http.proxy {take}", "or: hfpush run -- git push"),
        severity,
    )
    explains = STRAIGHT_FAILS if state is False else frozenset()
    yield Cause(finding, 2, explains, _hosts(past), "", good is True and state is not None)


def _not_off(facts: Facts) -> Iterator[Cause]:
    """An empty http.proxy, which sends git straight and leaves git-lfs with the variable."""
    empty = [
        one for one in facts.machine.settings if re.fullmatch(r"(?i)http\.(.+\.)?proxy", one.key) and not one.value
    ]
    straight = [
        way for way in ways_of(facts, "git") if not way.error and way.by.lower() in {k.key.lower() for k in empty}
    ]
    led = [
        way for way in ways_of(facts, "git-lfs") if (way.via or way.error) and not way.by.lower().startswith("http.")
    ]
    if not straight or not led:
        return
    state, good = open_ways(facts, led), open_ways(facts, straight)
    by = listed(way.by or way.why for way in led)
    message = f"An empty {empty[-1].key} sends git straight, but git-lfs still goes by {by}, through {led[0].via}"
    message += f", and {_closed(facts, led)} cannot be reached that way." if state is False else "."
    message += UNTRIED if state is None else ""
    hosts = sorted({way.host for way in led})
    names = [one.name for one in facts.machine.variables if re.fullmatch(r"(?i)https?_proxy", one.name) and one.value]
    remedy = (except_for(hosts), *((f"or, where nothing else needs it: unset {' '.join(names)}",) if names else ()))
    evidence = (_where(empty[-1]), *_both(facts, straight, led))
    finding = Finding("proxy-not-off", message, evidence, remedy, _severity(state))
    explains = _PROXY_FAILS if state is False else frozenset()
    yield Cause(finding, 2, explains, frozenset(hosts), "", good is True and state is not None)


def _unknown_key(facts: Facts) -> Iterator[Cause]:
    """https.proxy, which git does not have."""
    own = [one for one in facts.machine.settings if _NO_SUCH_KEY.fullmatch(one.key) and one.value]
    if not own:
        return
    past = [way for client in _STOCK for way in ways_of(facts, client) if _is_straight(way)]
    state = open_ways(facts, past) if past else True
    one = own[-1]
    message = f"git has no setting {one.key}, so nothing goes by it: http.proxy is for both http and https."
    if state is False:
        message += f" {listed(by_whom(past))} go straight, where {_closed(facts, past)} cannot be reached."
    key = re.sub(r"(?i)^https", "http", one.key)
    config = git_config(facts, one.key)
    finding = Finding(
        "proxy-key-unknown",
        message,
        (_where(one), *(f"{line} {dialled(facts, line)}" for line in dict.fromkeys(way.line for way in past))),
        (
            f'{config} {quote(key)} "$({config} --get {quote(one.key)})"',
            f"{config} --unset-all {quote(one.key)}",
        ),
        "error" if state is False else "warning",
    )
    explains = frozenset({"proxy-key-unknown"}) | (STRAIGHT_FAILS if state is False else frozenset())
    yield Cause(finding, 3, explains, _hosts(past), "", state is not None)


def _unsupported(facts: Facts) -> Iterator[Cause]:
    """A kind of proxy that some programs do not have."""
    ways = [way for way in facts.ways if way.error and way.needed and _kind_of(facts, way) and not way.misread]
    ways = [way for way in ways if not _lacks_socks(facts, way)]
    if not ways:
        return
    clients, by = by_whom(ways), ways[0].by
    kind = _kind_of(facts, ways[0])
    others = [way for way in facts.ways if way.by == by and way.via]
    message = f"{listed(clients)} cannot use the proxy in {by}: {'it does' if len(clients) == 1 else 'they do'} not "
    message += f"know {kind}://."
    spoken = {one.speaks for way in others for one in facts.dialled(way.line)}
    may = "" if "socks5" in spoken else "  # if the proxy knows SOCKS 5, as most do"
    remedy = (respelt(facts, by, "socks5h") + may,) if kind.startswith("socks") else ()
    evidence = tuple(dict.fromkeys(f"{way.client}: {way.error} ({way.why})" for way in ways))
    evidence += tuple(dict.fromkeys(f"{way.line} {dialled(facts, way.line)}" for way in others))
    finding = Finding(
        "proxy-scheme-unsupported",
        message,
        evidence,
        (*remedy, f"{'or: ' if remedy else ''}hfpush run -- git push"),
        severity_for(facts, clients),
    )
    yield Cause(finding, 4, frozenset({"socks-support-missing"}), frozenset(), "", True)


def _socks_missing(facts: Facts) -> Iterator[Cause]:
    """A library that SOCKS needs."""
    ways = [way for way in facts.ways if way.error and _lacks_socks(facts, way)]
    if not ways:
        return
    way = ways[0]
    lacking = next(one for one in facts.machine.program(way.client).lacking if one.lower() in ("socksio", "pysocks"))
    logged = any(one.reference == "socks-support-missing" for one in facts.log)
    finding = Finding(
        "socks-support-missing",
        f"{way.client} cannot use the SOCKS proxy in {way.by}: its Python lacks {lacking}.",
        (f"{way.client}: {way.error} ({way.why})",),
        (f"pip install {lacking}", "or run it so: hfpush run -- hf download REPO"),
        "error" if logged else severity_for(facts, (way.client,)),
    )
    yield Cause(finding, 6, frozenset({"socks-support-missing"}), frozenset(), "", True)


def _ssh(facts: Facts) -> Iterator[Cause]:
    """A remote that is spoken to over SSH, and LFS, which is HTTPS all the same."""
    if not facts.repository.ssh:
        return
    ways = ways_of(facts, "git-lfs")
    straight = [way for way in ways if way.target == "hub" and _is_straight(way)]
    if open_ways(facts, straight) is not False:
        return
    shells = [one for one in facts.dials if one.line.startswith(f"{straight[0].host}:22 ") and one.outcome == "ok"]
    message = (
        f"The remote is spoken to over SSH, but git-lfs sends large files over https to {straight[0].host} all the "
        "same, and that way is closed here: git push begins well and stays at 0 %."
    )
    if not shells:
        message += " Whether SSH gets through was not tried."
    finding = Finding(
        "ssh-lfs-over-https",
        message,
        (
            *(f"remote: {one}" for one in facts.repository.remotes),
            *(f"{one.line} connects" for one in shells),
            *(f"{way.line} {dialled(facts, way.line)}" for way in straight),
        ),
        (
            "name a proxy that reaches it, for git-lfs: export HTTPS_PROXY=http://HOST:PORT, or socks5h://HOST:PORT",
            "through a machine that SSH does reach: ssh -N -D 1080 USER@MACHINE & "
            "export HTTPS_PROXY=socks5h://127.0.0.1:1080",
        ),
    )
    yield Cause(finding, 18, STRAIGHT_FAILS, _hosts(straight), "", bool(shells))


# ---------------------------------------------------------------- words


def _is_straight(way: Way) -> bool:
    """Straight for want of a proxy, not since NO_PROXY says so."""
    return not (way.via or way.error or way.bypassed)


def _kind_of(facts: Facts, way: Way) -> str:
    """The scheme for which a way is an error; empty where that is for something else."""
    scheme = scheme_in(facts, way.by) if value_of(facts, way.by) else ""
    known = _LFS_SCHEMES if way.client == "git-lfs" else ("http", "https")
    return "" if scheme in known else scheme


def _lacks_socks(facts: Facts, way: Way) -> bool:
    lacking = {one.lower() for one in facts.machine.program(way.client).lacking}
    return bool(lacking & {"socksio", "pysocks"}) and _kind_of(facts, way) in ("socks5", "socks5h")


def _both(facts: Facts, some: Sequence[Way], others: Iterable[Way]) -> tuple[str, ...]:
    """Each way with what came of it, a line each."""
    return tuple(
        dict.fromkeys(f"{way.client}: {way.line} ({way.why}): {dialled(facts, way.line)}" for way in (*some, *others))
    )


def _closed(facts: Facts, ways: Sequence[Way]) -> str:
    return listed(way.host for way in ways if facts.works(way.line) is False)


def _hosts(ways: Sequence[Way]) -> frozenset[str]:
    return frozenset(way.host for way in ways)


def _where(setting: ConfigLine) -> str:
    line = f", line {setting.line}" if setting.line else ""
    return f"{setting.where}{line}: {setting.key} = {setting.value}"
