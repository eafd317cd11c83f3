"""Proxies that are set and do not carry: what answers there, what it refuses, where it loses its way. Pure.

Each cause is told once, with all the hosts and proxies that it concerns. Settings that lead some clients astray are
rules/proxy_settings.py's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from shlex import quote

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.facts.machine import Client
from hfpush.diagnose.facts.ways import Way, line_name
from hfpush.diagnose.rules.proxy_words import except_for, git_config, respelt, said_of, value_of
from hfpush.diagnose.rules.who import PUBLISHING, by_whom, listed, severity_for
from hfpush.findings import Finding

DEPTH, DEPTH_LOST = 22, 26
_NOBODY = ("proxy-unreached", "proxy-silent", "proxy-unresolved", "proxy-failed")
_SPEAKING = {"socks5": "SOCKS 5", "http": "HTTP", "tls": "TLS"}
_SCHEMES = {"socks5": "socks5h", "http": "http", "tls": "https"}
_OF_KIND = {"http": ("http",), "https": ("tls",), "socks5": ("socks5",), "socks5h": ("socks5",)}
_BASIC = "basic"
_SYMPTOMS = frozenset(
    {
        *("proxy-lost-way", "tls-failed", "connection-cut", "stalled", "connect-timeout"),
        *("hub-unavailable", "storage-unavailable"),
    }
)
"""What requests and logs say of a host to which the proxy does not carry, besides what they say of the proxy."""
_LOST_SYMPTOMS = _SYMPTOMS | {"tls-reset", "tls-closed", "tls-silent", "tls-flaky", "proxy-failed"}


@dataclass(frozen=True)
class _Met:
    """What came of one line through a proxy, and the ways that take it."""

    dial: Dial
    ways: tuple[Way, ...]

    @property
    def host(self) -> str:
        return self.ways[0].host

    @property
    def via(self) -> str:
        return self.ways[0].via

    @property
    def by(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(way.by or way.why for way in self.ways))

    @property
    def clients(self) -> tuple[Client, ...]:
        return by_whom(self.ways)


def causes(facts: Facts) -> Iterator[Cause]:
    """At most one of each kind."""
    met = _met(facts)
    failing = [one for one in met if one.dial.outcome.startswith("proxy-")]
    kinds: tuple[tuple[Callable[[_Met], bool], Callable[[Facts, Sequence[_Met]], Finding]], ...] = (
        (_is_of_other_kind, _other_kind),
        (lambda one: one.dial.outcome == "proxy-login", _login),
        (lambda one: one.dial.outcome == "proxy-refused", _refused),
        (lambda one: one.dial.outcome == "proxy-untrusted", _untrusted),
        (lambda one: one.dial.outcome in _NOBODY and not _is_of_other_kind(one), _failed),
    )
    for belongs, told in kinds:
        found = [one for one in failing if belongs(one)]
        if found:
            finding = told(facts, found)
            explained = _SYMPTOMS | {finding.reference}
            hosts = frozenset(one.host for one in found)
            yield Cause(finding, DEPTH, explained, hosts, found[0].host if len(hosts) == 1 else "", True)
    yield from _misread(facts)
    yield from _lost(facts)


def _met(facts: Facts) -> list[_Met]:
    """The lines through proxies that somebody takes and that were dialled; the main clients' first."""
    found: list[_Met] = []
    wrapper = facts.machine.wrapper
    own = wrapper.name if wrapper is not None else ""
    for line in dict.fromkeys(way.line for way in facts.ways if way.via and way.via != own and not way.error):
        ways = tuple(way for way in facts.ways if way.line == line and not way.error and way.needed)
        dials = facts.dialled(line)
        if ways and dials:
            found.append(_Met(next((one for one in dials if one.outcome == "ok"), dials[0]), ways))
    return sorted(found, key=lambda one: not set(one.clients) & PUBLISHING)


def _is_of_other_kind(one: _Met) -> bool:
    if one.dial.outcome == "proxy-other-kind":
        return True
    kinds = _OF_KIND.get(one.via.partition("://")[0], ())
    return bool(one.dial.speaks) and one.dial.outcome in _NOBODY and bool(kinds) and one.dial.speaks not in kinds


def _other_kind(facts: Facts, met: Sequence[_Met]) -> Finding:
    one = met[0]
    spoken = next((each.dial.speaks for each in met if each.dial.speaks), "")
    message = f"The proxy {one.via}, which {listed(one.clients)} go through, is of another kind than its address says"
    message += f": it speaks {_SPEAKING[spoken]}." if spoken else "."
    right = [respelt(facts, by, _SCHEMES[spoken]) for by in _settings_of(met)] if spoken else []
    if not right:
        right = ["ask its owner whether it is http://, https:// or socks5h://, and write that before its address"]
    return _finding("proxy-unusable", message, facts, met, (*right, *_without(facts, met)))


def _login(facts: Facts, met: Sequence[_Met]) -> Finding:
    one = met[0]
    offers = next((each.dial.offers for each in met if each.dial.offers), "")
    given = any("@" in value_of(facts, by) for by in _settings_of(met))
    wants = "does not take the login that it is given" if given else "wants a login, and is given none"
    message = f"The proxy {one.via} {wants}: {listed(one.clients)} do not get through it."
    if offers and _BASIC not in [word.strip().lower() for word in offers.split(",")]:
        message += f" It takes {offers} alone, which git-lfs does not speak."
        remedy = [
            "run a helper that logs in there (cntlm, px), and name that: export HTTPS_PROXY=http://127.0.0.1:3128"
        ]
    else:
        scheme, _, place = one.via.partition("://")
        remedy = [
            f"export {by}={scheme}://USER:PASSWORD@{place}  # @ : / # % in them as %40 %3A %2F %23 %25"
            for by in _settings_of(met)
            if by.lower().endswith("_proxy")
        ] or [f"git config --global http.proxy {scheme}://USER:PASSWORD@{place}  # @ : / # % as %40 %3A %2F %23 %25"]
    seen = (f"it offers: {offers}",) if offers else ()
    return _finding("proxy-login", message, facts, met, (*remedy, *_without(facts, met)), seen)


def _refused(facts: Facts, met: Sequence[_Met]) -> Finding:
    hosts = list(dict.fromkeys(one.host for one in met))
    allowed = [one.host for one in _met(facts) if one.via == met[0].via and one.dial.outcome == "ok"]
    message = f"The proxy {met[0].via} does not let {listed(by_whom(_ways(met)))} through to {listed(hosts)}"
    message += f", although it does to {listed(allowed)}." if allowed else "."
    if set(allowed) - set(hosts) and any(way.target == "storage" for way in _ways(met)):
        message += " Large files go there."
    ask = f"ask the owner of the proxy to allow CONNECT to {listed(f'{host}:443' for host in hosts)}"
    remedy = (*_without(facts, met), ask)
    return _finding("proxy-refused", message, facts, met, remedy)


def _untrusted(facts: Facts, met: Sequence[_Met]) -> Finding:
    message = f"The certificate of the proxy {met[0].via} is not trusted here, or is that of another host."
    remedy = ("if you trust it: export SSL_CERT_FILE=FILE, one with its CA's certificate", *_without(facts, met))
    return _finding("tls-untrusted", message, facts, met, remedy)


def _failed(facts: Facts, met: Sequence[_Met]) -> Finding:
    one = met[0]
    reached = {"proxy-unresolved": "has a name without an address", "proxy-silent": "does not answer"}
    how = reached.get(one.dial.outcome, "cannot be reached")
    if one.dial.outcome == "proxy-failed":
        how = f"answers {one.dial.status}" if one.dial.status else "fails"
        how += f" for {listed(each.host for each in met)}"
    message = f"The proxy {one.via}, which {listed(by_whom(_ways(met)))} go through, {how}."
    check = f"start the proxy, or correct its address in {listed(_settings_of(met))}"
    unset = _unset(facts, met) if _straight_works(facts, met) else []
    return _finding("proxy-failed", message, facts, met, (*unset, *_without(facts, met), check))


def _unset(facts: Facts, met: Sequence[_Met]) -> list[str]:
    """The lines after which the main clients go straight."""
    names = _variables(facts, met)
    keys = [by for by in _settings_of(met) if value_of(facts, by) and not by.lower().endswith("_proxy")]
    unset = [f"{git_config(facts, key)} --unset-all {quote(key)}" for key in keys]
    return [*unset, *([f"unset {' '.join(names)}"] if names else [])]


def _misread(facts: Facts) -> Iterator[Cause]:
    """A raw `@` in a login: the proxy carries, and some clients read another login from its address."""
    ways = [way for way in facts.ways if way.misread and way.needed]
    if not ways:
        return
    clients, by = by_whom(ways), tuple(dict.fromkeys(way.by for way in ways))
    message = (
        f"There is a raw @ in the login of the proxy in {listed(by)}, and {listed(clients)} read it as its end: "
        "they give the proxy a wrong login, or go nowhere."
    )
    remedy = tuple(_escaped(facts, name) for name in by)
    evidence = tuple(dict.fromkeys(f"{way.client}: {way.via or way.error} ({way.why})" for way in ways))
    finding = Finding("proxy-password-unescaped", message, evidence, remedy, severity_for(facts, clients))
    hosts = frozenset(way.host for way in ways)
    yield Cause(finding, 5, frozenset({"proxy-login", "proxy-failed"}), hosts, "", True)


def _escaped(facts: Facts, by: str) -> str:
    """The line that writes `%40` for every `@` but the last."""
    sed = "sed ':again; s/@\\(.*@\\)/%40\\1/; t again'"
    if by.lower().endswith("_proxy"):
        return f'export {by}="$(printf %s "${by}" | {sed})"'
    config, key = git_config(facts, by), quote(by)
    return f'{config} {key} "$({config} --get {key} | {sed})"'


def _lost(facts: Facts) -> Iterator[Cause]:
    """The proxy says yes, and the connection ends before the host has said a word."""
    lost = []
    for one in _met(facts) + _under_wrapper(facts):
        shaken = facts.handshake(one.dial.line)
        if one.dial.outcome != "ok" or shaken is None or not shaken.failed or shaken.got:
            continue
        if "reset" in (shaken.fails_with, shaken.outcome) or "closed" in (shaken.fails_with, shaken.outcome):
            straight = facts.handshake(line_name(one.host, one.ways[0].port, ""))
            if straight is None or not straight.failed:  # else it is the host's, or something on the way to it
                lost.append((one, shaken))
    if not lost:
        return
    one, shaken = lost[0]
    always = all(each.failed == each.tries for _, each in lost)
    hosts = list(dict.fromkeys(each.host for each, _ in lost))
    how = "every time" if always else f"{shaken.failed} of {shaken.tries} times"
    message = (
        f"The proxy {one.via} agrees to carry {listed(by_whom(_ways([each for each, _ in lost])))} to {listed(hosts)}, "
        f"and then closes the connection before {hosts[0]} has said a word, {how}."
    )
    certain = _straight_works(facts, [each for each, _ in lost])
    if not certain:
        message += (
            f" No other way gets to {hosts[0]}, so that it could be {hosts[0]}'s own doing could not be ruled out."
        )
    evidence = tuple(
        f"{each.dial.line}: {tried.failed} of {tried.tries} handshakes {tried.fails_with or tried.outcome}, "
        f"{tried.got} bytes had come"
        for each, tried in lost
    )
    met = [each for each, _ in lost]
    remedy = (
        *_without(facts, met),
        f"choose another node or line in the proxy: its way to {listed(hosts)} is {'dead' if always else 'unsteady'}",
        *(() if always else ("until then: hfpush run -- git push, which tries again what was lost so",)),
    )
    finding = _finding("proxy-lost-way", message, facts, met, remedy)
    finding = Finding(finding.reference, message, (*evidence, *finding.evidence[len(met) :]), remedy, finding.severity)
    yield Cause(finding, DEPTH_LOST, _LOST_SYMPTOMS, frozenset(hosts), hosts[0] if len(hosts) == 1 else "", certain)


def _under_wrapper(facts: Facts) -> list[_Met]:
    wrapper = facts.machine.wrapper
    if wrapper is None or not wrapper.preload:
        return []
    ways = [way for way in facts.ways if way.via == wrapper.name and way.needed]
    lines = dict.fromkeys(way.line for way in ways)
    return [
        _Met(dials[0], tuple(way for way in ways if way.line == line))
        for line in lines
        if (dials := facts.dialled(line))
    ]


# ---------------------------------------------------------------- words


def _finding(
    reference: str,
    message: str,
    facts: Facts,
    met: Sequence[_Met],
    remedy: Sequence[str],
    seen: Sequence[str] = (),
) -> Finding:
    severity = severity_for(facts, by_whom(_ways(met)))
    rows = []
    for one in met:
        said = f": {one.dial.said}" if one.dial.said else ""
        rows.append(f"{one.dial.line}: {said_of(one.dial)}{said}")
    where = []
    for why in dict.fromkeys(way.why for way in _ways(met)):
        takers = by_whom(way for way in _ways(met) if way.why == why)
        where.append(f"{listed(takers)} {'takes' if len(takers) == 1 else 'take'} it from {why}")
    others = _somebody_else(facts, _straight(met))
    return Finding(reference, message, (*rows, *seen, *where, *others), tuple(dict.fromkeys(remedy)), severity)


def _ways(met: Sequence[_Met]) -> tuple[Way, ...]:
    return tuple(way for one in met for way in one.ways)


def _settings_of(met: Sequence[_Met]) -> tuple[str, ...]:
    """The variables and keys that name the proxy for the main clients, else for any."""
    main = [way.by for way in _ways(met) if way.by and way.client in PUBLISHING]
    return tuple(dict.fromkeys(main or [way.by for way in _ways(met) if way.by]))


def _variables(facts: Facts, met: Sequence[_Met]) -> list[str]:
    """Every variable that has a proxy for https, where one of them is the one that is met."""
    if not any(by.lower().endswith("_proxy") for by in _settings_of(met)):
        return []
    names = ("https_proxy", "http_proxy", "all_proxy")
    return [one.name for one in facts.machine.variables if one.name.lower() in names and one.value]


def _straight(met: Sequence[_Met]) -> tuple[str, ...]:
    """The lines that lead straight to all these hosts."""
    return tuple(dict.fromkeys(line_name(way.host, way.port, "") for way in _ways(met)))


def _straight_works(facts: Facts, met: Sequence[_Met]) -> bool:
    """Whether all these hosts are reached straight, and not somebody in their place."""
    lines = _straight(met)
    return all(facts.works(line) for line in lines) and not list(_somebody_else(facts, lines))


def _somebody_else(facts: Facts, lines: Sequence[str]) -> Iterator[str]:
    """What is wrong with the certificates that are shown there, a line each: a login page's, say."""
    for line in lines:
        doubts = [one for one in facts.judged if one.line == line and one.outcome not in ("ok", "unusable-store")]
        shaken = facts.handshake(line)
        certificate = shaken.certificate if shaken is not None else None
        if doubts and not any(one.line == line and one.outcome == "ok" for one in facts.judged):
            names = listed(certificate.names[:3]) if certificate is not None and certificate.names else "nobody"
            said = doubts[0].said or doubts[0].outcome
            yield f"{line} connects, and shows a certificate for {names} that does not do: {said}"


def _without(facts: Facts, met: Sequence[_Met]) -> tuple[str, ...]:
    """Straight to the same hosts, where that is known to work."""
    return (except_for(sorted({one.host for one in met})),) if _straight_works(facts, met) else ()
