"""hf_xet's rules: reqwest's, which read upper-case variables first, an empty one included. Pure.

Sources: hyper-util's client/proxy/matcher.rs, reqwest's connect.rs, rustls-native-certs.
"""

from __future__ import annotations

from hfpush.diagnose.clients.around import Surroundings
from hfpush.diagnose.clients.choice import STRAIGHT, Choice, Named, Spot, Trust, passed_by, raw_at, scheme_of, through
from hfpush.net.no_proxy import NoProxy, address_of

_SOCKS = ("socks4", "socks4a", "socks5", "socks5h")


def xet_proxy(around: Surroundings, url: str) -> Choice:
    """hf_xet's proxy. What it cannot read as one is as good as unset; a CGI program has none."""
    if "REQUEST_METHOD" in around.environment:
        return Choice(why="REQUEST_METHOD is set: a CGI program")
    spot = Spot.of(url)
    kinds = ("https", "all") if spot.secure else ("http", "all")
    named = next((one for kind in kinds if (one := _variable(around, kind)) is not None), None)
    if named is None:
        return STRAIGHT
    variable = "NO_PROXY" if "NO_PROXY" in around.environment else "no_proxy"
    entry = bypassing(around.environment.get(variable, ""), spot.host)
    if entry is not None:
        return passed_by(named, entry, variable)
    scheme = scheme_of(named.text)
    if scheme in _SOCKS and "socks" in around.program("hf_xet").lacking:
        return Choice(why=named.why, by=named.by, error=f"unsupported scheme {scheme}")
    if scheme == "socks4a":  # hyper-util 0.1.20 ends the user's name twice, and so the host's before it begins
        return Choice(why=named.why, by=named.by, error="it asks a socks4a proxy for a host without a name")
    return through(named, here=frozenset(("socks4", "socks5")), misread=raw_at(named.text))


def _variable(around: Surroundings, kind: str) -> Named | None:
    for name in (f"{kind.upper()}_PROXY", f"{kind}_proxy"):
        if name in around.environment:
            text = around.environment[name]
            known = scheme_of(text) in ("http", "https", *_SOCKS)
            return Named(text, name) if text and known else None
    return None


def bypassing(text: str, host: str) -> str | None:
    """reqwest's reading of NO_PROXY: entries between commas; `name` and `.name` are the name and what is below it;
    addresses and networks for addresses; `*` anywhere for every name; no ports."""
    address, name = address_of(host), host.lower()
    for entry in filter(None, (part.strip() for part in text.split(","))):
        if address is not None:
            if (address_of(entry) is not None or "/" in entry) and NoProxy((entry,)).bypasses(host, None):
                return entry
        elif entry == "*":
            return entry
        elif address_of(entry) is None:
            wanted = entry.lower().removeprefix(".")
            if wanted and (name == wanted or name.endswith(f".{wanted}")):
                return entry
    return None


def xet_trust(around: Surroundings, url: str) -> Trust:
    """hf_xet's certificates: what SSL_CERT_FILE and SSL_CERT_DIR name, alone; else the system's."""
    file, path = around.environment.get("SSL_CERT_FILE", ""), around.environment.get("SSL_CERT_DIR", "")
    if file or path:
        by = " and ".join(name for name, value in (("SSL_CERT_FILE", file), ("SSL_CERT_DIR", path)) if value)
        return Trust(by, tuple(filter(None, (file, *path.split(":")))))
    return Trust("system", tuple(filter(None, (around.stores.file, around.stores.folder))))
