"""huggingface_hub's rules: those of httpx (releases from 1.0 on) or of requests (before). Pure.

Both read variables by urllib's getproxies(): the lower-case one counts, an empty one means that there is none. Sources:
urllib.request, requests/utils.py and adapters.py, httpx/_utils.py and _client.py, httpcore2/_ssl.py.
"""

from __future__ import annotations

import re

from hfpush.diagnose.clients.around import Surroundings
from hfpush.diagnose.clients.choice import STRAIGHT, Choice, Named, Spot, Trust, passed_by, scheme_of, through
from hfpush.net.no_proxy import NoProxy, address_of

_HTTPX = ("http", "https", "socks5", "socks5h")
_REQUESTS_SOCKS = ("socks4", "socks4a", "socks5", "socks5h")


def hub_proxy(around: Surroundings, url: str) -> Choice:
    """huggingface_hub's proxy, by the library that it has."""
    if around.program("huggingface_hub").http.startswith("requests"):
        return _requests_proxy(around, url)
    return _httpx_proxy(around, url)


def hub_trust(around: Surroundings, url: str) -> Trust:
    """huggingface_hub's certificates."""
    program = around.program("huggingface_hub")
    certifi = (around.stores.certifi,) if around.stores.certifi else ()
    if program.http.startswith("requests"):
        by, file = around.variable("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
        return Trust(by, (file,)) if file else Trust("certifi", certifi)
    by, path = around.variable("SSL_CERT_FILE", "SSL_CERT_DIR")
    if path:
        return Trust(by, tuple(path.split(":")) if by == "SSL_CERT_DIR" else (path,))
    if program.http.startswith("httpx "):  # httpx2 has the system's
        return Trust("certifi", certifi)
    return Trust("system", around.stores.openssl or tuple(filter(None, (around.stores.file, around.stores.folder))))


# ---------------------------------------------------------------- variables


def _variable(around: Surroundings, kind: str) -> Named | None:
    """`kind`_proxy as urllib has it."""
    environment, lower, upper = around.environment, f"{kind}_proxy", f"{kind.upper()}_PROXY"
    if lower in environment:
        return Named(environment[lower], lower) if environment[lower] else None
    if kind == "http" and "REQUEST_METHOD" in environment:
        return None
    return Named(environment[upper], upper) if environment.get(upper) else None


# ---------------------------------------------------------------- requests


def _requests_proxy(around: Surroundings, url: str) -> Choice:
    spot = Spot.of(url)
    named = _variable(around, "https" if spot.secure else "http") or _variable(around, "all")
    if named is None:
        return STRAIGHT
    variable, text = around.variable("no_proxy", "NO_PROXY")
    entry = requests_bypassing(text, spot)
    if entry is not None:
        return passed_by(named, entry, variable)
    scheme = scheme_of(named.text)
    if scheme.startswith("socks") and scheme not in _REQUESTS_SOCKS:
        return Choice(why=named.why, by=named.by, error=f"Unable to determine SOCKS version from {scheme}://…")
    if scheme.startswith("socks") and "PySocks" in around.program("huggingface_hub").lacking:
        return Choice(why=named.why, by=named.by, error="Missing dependencies for SOCKS support.")
    if "@" in named.text and "://" not in named.text:
        return Choice(why=named.why, by=named.by, error="Please check proxy URL. It is malformed.")
    if scheme not in ("http", "https", *_REQUESTS_SOCKS):
        return Choice(why=named.why, by=named.by, error=f"Proxy URL had unsupported scheme {scheme}")
    return through(named, here=frozenset(("socks4", "socks5")))


def requests_bypassing(text: str, spot: Spot) -> str | None:
    """requests' reading of NO_PROXY, with urllib's, which it asks as well: the end of a name where a part ends, dots
    before it of no account, a port where the URL has it; IPv4 networks; `*` alone for everything."""
    if text.strip() == "*":
        return "*"
    with_port = f"{spot.host}:{spot.port}" if spot.explicit else spot.host
    address = address_of(spot.host)
    for entry in filter(None, (part.strip() for part in text.split(","))):
        wanted = entry.lower().lstrip(".")
        if address is not None and address.version == 4 and "/" in wanted:
            if NoProxy((wanted,)).bypasses(spot.host, None):
                return entry
        elif any(name == wanted or name.endswith(f".{wanted}") for name in (spot.host, with_port)):
            return entry
    return None


# ---------------------------------------------------------------- httpx


def _httpx_proxy(around: Surroundings, url: str) -> Choice:
    spot = Spot.of(url)
    program = around.program("huggingface_hub")
    every = [named for kind in ("http", "https", "all") if (named := _variable(around, kind)) is not None]
    bypassed = _variable(around, "no") or Named()
    entries = [entry.strip() for entry in bypassed.text.split(",")]
    if "*" in entries:
        chosen = _variable(around, "https" if spot.secure else "http") or _variable(around, "all")
        return passed_by(chosen, "*", bypassed.by) if chosen is not None else STRAIGHT
    for named in every:  # a client makes itself ready for all of them, whichever it will use
        scheme = scheme_of(named.text)
        if scheme not in _HTTPX:
            said = f"Unknown scheme for proxy URL {scheme}://…"
            return Choice(why=named.why, by=named.by, error=said)
        if scheme.startswith("socks") and "socksio" in program.lacking:
            said = "Using SOCKS proxy, but the 'socksio' package is not installed."
            return Choice(why=named.why, by=named.by, error=said)
    chosen = _variable(around, "https" if spot.secure else "http") or _variable(around, "all")
    if chosen is None:
        return STRAIGHT
    entry = httpx_bypassing(entries, spot, new=not program.http.startswith("httpx "))
    if entry is not None:
        return passed_by(chosen, entry, bypassed.by)
    return through(chosen, here=frozenset())  # httpcore hands names to a SOCKS proxy


def httpx_bypassing(entries: list[str], spot: Spot, *, new: bool) -> str | None:
    """httpx's reading of NO_PROXY: `name` is the name and what is below it, `.name` only what is below it, and so is
    `*.name` with the `new` httpx2, which also knows networks; a port counts where the URL has one that is unusual."""
    port = spot.port if spot.explicit and spot.port != (443 if spot.secure else 80) else None
    address = address_of(spot.host)
    for entry in filter(None, entries):
        wanted = entry.lower().partition("://")[2] if "://" in entry else entry.lower()
        if address_of(wanted) is not None or "/" in wanted:
            networks = "/" not in wanted or new
            if networks and address is not None and NoProxy((wanted,)).bypasses(spot.host, None):
                return entry
            continue
        with_port = re.fullmatch(r"(.*):([0-9]+)", wanted)
        if with_port:
            if int(with_port[2]) != port:
                continue
            wanted = with_port[1]
        if "://" in entry or wanted == "localhost":
            found = spot.host == wanted
        elif wanted.startswith("*."):
            found = new and spot.host.endswith(wanted[1:]) and spot.host != wanted[2:]
        elif wanted.startswith("."):
            found = spot.host.endswith(wanted)
        else:
            found = spot.host == wanted or spot.host.endswith(f".{wanted}")
        if found:
            return entry
    return None
