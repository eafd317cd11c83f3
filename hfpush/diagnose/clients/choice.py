"""What a client makes of its surroundings for one URL: a proxy or none, and certificates. Values only."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from hfpush.errors import Misuse
from hfpush.net.git_settings import GitSetting
from hfpush.net.proxies import masked, parse_proxy

_DEFAULT_PORTS = {"http": 80, "https": 443}
_SOCKS = {"socks4": "socks4a", "socks4a": "socks4a", "socks5": "socks5h", "socks5h": "socks5h", "socks": "socks4a"}


@dataclass(frozen=True)
class Named:
    """The text of a proxy as a client finds it, the variable or key that has it, and where that stands."""

    text: str = field(default="", repr=False)
    by: str = ""
    place: str = ""

    @classmethod
    def of_git(cls, setting: GitSetting) -> Named:
        """A setting of git's."""
        return cls(setting.value, setting.key, setting.place)

    @property
    def why(self) -> str:
        """To be shown."""
        return self.place or self.by


@dataclass(frozen=True)
class Choice:
    """The proxy for one URL: `via` as it is shown, `url` with its login for those who dial; both empty for straight.
    The other fields are those of facts.ways.Way."""

    via: str = ""
    url: str = field(default="", repr=False)
    why: str = "no proxy is set"
    names: Literal["here", "proxy"] = "here"
    error: str = ""
    by: str = ""
    bypassed: str = ""
    past: str = ""
    misread: bool = False


STRAIGHT = Choice()


@dataclass(frozen=True)
class Trust:
    """What certificates are checked with, as in facts.ways.Way."""

    store: str = "system"
    files: tuple[str, ...] = ()
    verifies: bool = True
    error: str = ""


@dataclass(frozen=True)
class Spot:
    """Scheme, host in lower case and port of a URL; `explicit` says that the port stands in it."""

    secure: bool
    host: str
    port: int
    explicit: bool

    @classmethod
    def of(cls, url: str) -> Spot:
        """Of an http(s) URL; one that cannot be read has no host."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return cls(True, "", 443, False)
        usual = _DEFAULT_PORTS.get(parts.scheme, 443)
        return cls(parts.scheme != "http", parts.hostname or "", port or usual, port is not None)


def scheme_of(text: str) -> str:
    """The scheme of a proxy's address in lower case; `http` where there is none."""
    scheme, mark, _ = text.strip().partition("://")
    return scheme.lower() if mark and "@" not in scheme else "http"


def through(named: Named, *, here: frozenset[str], port: int = 0, misread: bool = False) -> Choice:
    """The choice of this proxy by a client that resolves names itself for schemes that are in `here`, and takes `port`
    where none is given (0: the usual one). The text must be an address, else the choice is an error."""
    scheme = scheme_of(named.text)
    try:
        proxy = parse_proxy(named.text, named.by)
    except Misuse as wrong:
        said = f"{masked(named.text)}: {wrong.finding.message}"
        return Choice(why=named.why, by=named.by, error=said)
    if port and not re.search(r":[0-9]+(?:[/?#].*)?$", named.text.strip()):
        proxy = type(proxy)(proxy.scheme, proxy.host, port, proxy.user, proxy.password)
    names: Literal["here", "proxy"] = "here" if scheme in here else "proxy"
    via = f"{scheme}{proxy.shown[proxy.shown.index('://') :]}" if scheme in _SOCKS else proxy.shown
    return Choice(via, proxy.url, named.why, names, by=named.by, misread=misread)


def raw_at(text: str) -> bool:
    """Whether there is more than one `@` in a proxy's address: readers differ in where its login ends."""
    return text.partition("://")[2].count("@") > 1 if "://" in text else text.count("@") > 1


def passed_by(named: Named, entry: str, variable: str) -> Choice:
    """Straight, since an entry of NO_PROXY names the host, where there would be a proxy."""
    try:
        past = parse_proxy(named.text, named.by).shown
    except Misuse:
        past = masked(named.text)
    return Choice(why=f"{variable} names {entry}", by=variable, bypassed=entry, past=past)
