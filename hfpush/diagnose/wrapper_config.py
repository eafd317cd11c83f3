"""What the configuration of a proxy wrapper says, as proxies. Pure.

    proxychains    [ProxyList], then lines of `socks5 10.0.0.1 1080 user password` (proxychains-ng's proxychains.conf)
    torsocks       TorAddress, TorPort, SOCKS5Username, SOCKS5Password (torsocks.conf(5)); SOCKS 5
    tsocks         server, server_port, server_type, default_user, default_pass (tsocks.conf(5)); SOCKS 4 unless told

What cannot be read is left out: the wrapper is the one to complain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from hfpush.net.proxies import Proxy

_KINDS = {"socks5": "socks5h", "socks4": "socks4a", "http": "http"}
_PORTS = {"torsocks": 9050, "tsocks": 1080}
_TOR = {"toraddress": "host", "torport": "port", "socks5username": "user", "socks5password": "password"}
_TS = {"server": "host", "server_port": "port", "server_type": "type", "default_user": "user"}
_TS |= {"default_pass": "password"}


def wrapper_proxies(name: str, text: str, environment: Mapping[str, str]) -> tuple[Proxy, ...]:
    """The proxies of the wrapper `name`, in the order in which they are gone through, by the `text` of its
    configuration and by the variables that beat it."""
    if name == "proxychains":
        return tuple(_listed(text))
    if name == "torsocks":
        given = {_TOR[key]: value for key, value in _pairs(text, r"\s+") if key in _TOR}
        own = {"host": "TORSOCKS_TOR_ADDRESS", "port": "TORSOCKS_TOR_PORT"}
        own |= {"user": "TORSOCKS_USERNAME", "password": "TORSOCKS_PASSWORD"}
        given = {"host": "127.0.0.1", "type": "5", **given}
    elif name == "tsocks":
        outside = re.sub(r"(?ms)^\s*path\s*\{.*?\}", "", text)
        given = {_TS[key]: value for key, value in _pairs(outside, r"\s*=\s*") if key in _TS}
        own = {"user": "TSOCKS_USERNAME", "password": "TSOCKS_PASSWORD"}
    else:
        return ()
    given |= {what: environment[variable] for what, variable in own.items() if environment.get(variable)}
    kind = "socks5" if given.get("type", "4") == "5" else "socks4"
    found = _proxy(kind, given.get("host", ""), given.get("port", str(_PORTS[name])), given.get("user"), given)
    return () if found is None else (found,)


def _listed(text: str) -> Iterator[Proxy]:
    inside = False
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if words[:1] and words[0].startswith("["):
            inside = words[0].lower() == "[proxylist]"
        elif inside and len(words) >= 3:
            login = dict(zip(("user", "password"), words[3:5], strict=False))
            found = _proxy(words[0].lower(), words[1], words[2], login.get("user"), login)
            if found is not None:
                yield found


def _pairs(text: str, between: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        parts = re.split(between, line.partition("#")[0].strip(), maxsplit=1)
        if len(parts) == 2 and parts[1]:
            yield parts[0].lower(), parts[1]


def _proxy(kind: str, host: str, port: str, user: str | None, more: Mapping[str, str]) -> Proxy | None:
    number = int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 0
    if kind not in _KINDS or not host or not 0 < number < 65536:
        return None
    return Proxy(_KINDS[kind], host.strip("[]"), number, user, more.get("password") if user is not None else None)
