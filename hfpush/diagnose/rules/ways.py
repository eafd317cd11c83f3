"""What the route table shows by itself: hosts that some programs go to through a proxy and others not, as they read
NO_PROXY differently; certificates that are named for some programs alone; a git that cannot speak TLS as it is told to.
Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from shlex import quote

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.rules.proxy_words import dialled, git_config, open_ways, value_of
from hfpush.diagnose.rules.who import by_whom, listed, severity_for
from hfpush.diagnose.rules.wrapper import STRAIGHT_FAILS
from hfpush.findings import Finding, Severity

_PROXY_FAILS = frozenset(
    {"proxy-failed", "proxy-login", "proxy-refused", "proxy-unusable", "proxy-lost-way", "tls-reset", "tls-closed"}
)
_UNSUPPORTED, _EMPTY = "Unsupported SSL backend", "Problem with the SSL CA cert"
_BACKEND = re.compile(r"(?i)http\.(?:.+\.)?sslbackend")
_OWN = ("system", "certifi")
_NAMES = ("NO_PROXY", "no_proxy")


def causes(facts: Facts) -> Iterator[Cause]:
    """One for each kind; of NO_PROXY one for the hosts where straight fails, where the proxy fails, where neither."""
    yield from _backend(facts)
    yield from _empty_file(facts)
    yield from _no_proxy(facts)
    yield from _authorities(facts)


# ---------------------------------------------------------------- git's TLS


def _backend(facts: Facts) -> Iterator[Cause]:
    """http.sslBackend names a library that git's libcurl was not made with: git ends before it goes anywhere."""
    way = next((way for way in facts.ways if way.client == "git" and way.error.startswith(_UNSUPPORTED)), None)
    settings = [one for one in facts.machine.settings if _BACKEND.fullmatch(one.key)]
    if way is None or not settings:
        return
    setting = settings[-1]
    where = f"{setting.where}, line {setting.line}" if setting.line else setting.where
    known = facts.machine.program("git").backends
    message = (
        f"git cannot go to any https address: {setting.key} tells it to use {setting.value} for TLS, and this git has "
        f"{listed(known)} alone."
    )
    finding = Finding(
        "git-ssl-backend",
        message,
        (f"{setting.key} = {setting.value} ({where})", f"git says: {way.error}"),
        (f"{git_config(facts, setting.key)} --unset-all {quote(setting.key)}",),
    )
    yield Cause(finding, 0, frozenset({"git-ssl-backend"}), frozenset(), "", True)


def _empty_file(facts: Facts) -> Iterator[Cause]:
    """An empty GIT_SSL_CAINFO: to git that is a file without a name, and not as good as unset."""
    way = next((way for way in facts.ways if way.client == "git" and way.error.startswith(_EMPTY)), None)
    if way is None:
        return
    finding = Finding(
        "ca-file-unusable",
        "git is told by an empty GIT_SSL_CAINFO to take its certificates from a file without a name, and goes nowhere.",
        ("GIT_SSL_CAINFO is set, and empty", f"git says: {way.error}"),
        ("unset GIT_SSL_CAINFO",),
    )
    yield Cause(finding, 1, frozenset({"ca-file-unusable", "tls-untrusted"}), frozenset(), "", True)


# ---------------------------------------------------------------- NO_PROXY


@dataclass(frozen=True)
class _Split:
    """A host to which some go straight for an entry of NO_PROXY, and others through the proxy all the same."""

    past: tuple[Way, ...]
    led: tuple[Way, ...]
    straight: bool | None
    through: bool | None

    @property
    def host(self) -> str:
        return self.past[0].host


def _no_proxy(facts: Facts) -> Iterator[Cause]:
    splits = _splits(facts)
    kinds = (
        [one for one in splits if one.straight is False and one.through is not False],
        [one for one in splits if one.through is False and one.straight is not False],
        [one for one in splits if (one.straight is False) is (one.through is False) and one.straight is not False],
    )
    for these in kinds:
        if these:
            yield _split(facts, these)


def _splits(facts: Facts) -> list[_Split]:
    found = []
    for target in dict.fromkeys(way.target for way in facts.ways):
        ways = [way for way in facts.ways if way.target == target and way.needed and not way.error]
        past = tuple(way for way in ways if way.bypassed)
        led = tuple(way for way in ways if "://" in way.via and any(_same(way, other) for other in past))
        if past and led:
            found.append(_Split(past, led, open_ways(facts, past), open_ways(facts, led)))
    return found


def _same(led: Way, past: Way) -> bool:
    """Whether it is the same proxy that one takes and the other passes by; hfpush does not say which it passes by."""
    return not past.past or led.via.partition("://")[2] == past.past.partition("://")[2]


def _split(facts: Facts, splits: Sequence[_Split]) -> Cause:
    one = splits[0]
    hosts = tuple(dict.fromkeys(split.host for split in splits))
    past = [way for split in splits for way in split.past]
    led = [way for split in splits for way in split.led]
    entries = list(dict.fromkeys(way.bypassed for way in past))
    message = (
        f"{listed(by_whom(past))} go straight to {listed(hosts)}, and {listed(by_whom(led))} through {one.led[0].via}: "
        f"they read {listed(entries)} in NO_PROXY differently."
    )
    severity: Severity = "warning"
    if one.straight is False:
        message += " Straight does not work."
        severity = severity_for(facts, by_whom(past))
    elif one.through is False:
        message += " The proxy does not lead there."
        severity = severity_for(facts, by_whom(led))
    elif one.straight and one.through:
        severity = "note"
    seen = [f"{name}={value_of(facts, name)}" for name in _NAMES if value_of(facts, name)]
    rows = [f"{way.client} {way.line}: {dialled(facts, way.line)} ({way.why})" for way in (*past, *led)]
    remedy = (_line(facts, () if one.straight is False else hosts, entries),)
    finding = Finding("no-proxy-differs", message, tuple(dict.fromkeys((*seen, *rows))), remedy, severity)
    explains = STRAIGHT_FAILS if one.straight is False else _PROXY_FAILS if one.through is False else frozenset()
    certain = one.straight is not None and one.through is not None
    return Cause(finding, 4, explains, frozenset(hosts), hosts[0] if len(hosts) == 1 else "", certain)


def _line(facts: Facts, straight: Sequence[str], entries: Sequence[str]) -> str:
    """Both variables alike, read by all programs in one way: with these hosts, or without the entries that differ."""
    given = [entry for name in _NAMES for entry in re.split(r"[,\s]+", value_of(facts, name)) if entry]
    kept = [entry for entry in given if straight or entry not in entries]
    more = [spelt for host in straight for spelt in (host, f".{host}")]
    text = quote(",".join(dict.fromkeys((*kept, *more))))
    return f"export NO_PROXY={text} no_proxy={text}"


# ---------------------------------------------------------------- certificates


def _authorities(facts: Facts) -> Iterator[Cause]:
    """A file of certificates that is named for some alone. Where certificates were looked at, rules/authorities.py
    knows whether that matters."""
    ways = [way for way in facts.ways if way.needed and way.target == "hub" and way.verifies and not way.error]
    usual = {path for way in ways if way.store in _OWN for path in way.trust}
    told = [way for way in ways if way.store not in _OWN and set(way.trust) - usual and way.client != "hfpush"]
    others = [way for way in ways if way.store in _OWN]
    if facts.judged or not told or not others:
        return
    files = dict.fromkeys(path for way in told for path in way.trust if path not in usual)
    message = (
        f"{listed(by_whom(told))} trust the certificates in {listed(files)}, and {listed(by_whom(others))} do not look "
        "there: if the Hub's certificate needs them, these do not believe it."
    )
    evidence = tuple(f"{way.client}: {way.store}" for way in (*told, *others))
    remedy = ("hfpush run -- git push   # one file of certificates for every program, hfpush's own and git-lfs's",)
    finding = Finding("ca-not-everywhere", message, evidence, remedy, "note")
    yield Cause(finding, 9, frozenset(), frozenset(), ways[0].host, False)
