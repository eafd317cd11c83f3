"""git-lfs's rules: Go's, which read upper-case variables first, and git's settings before them. Pure.

Sources: git-lfs's lfshttp/proxy.go and certs.go, golang.org/x/net/http/httpproxy, crypto/x509/root_unix.go.
"""

from __future__ import annotations

from hfpush.diagnose.clients.around import Surroundings
from hfpush.diagnose.clients.choice import STRAIGHT, Choice, Named, Spot, Trust, passed_by, scheme_of, through
from hfpush.net.no_proxy import NoProxy, address_of

_TRUE = ("true", "1", "on", "yes", "t")
_FOLDERS = ("/etc/ssl/certs", "/etc/pki/tls/certs")


def lfs_proxy(around: Surroundings, url: str) -> Choice:
    """git-lfs's proxy. It has no ALL_PROXY, takes http_proxy for https URLs where nothing else is set, does not know an
    empty http.proxy as `none`, and never goes to this machine itself through a proxy."""
    spot = Spot.of(url)
    names = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy") if spot.secure else ("HTTP_PROXY", "http_proxy")
    by, text = around.variable(*names)
    named = Named(text, by)
    setting = around.lfs.proxy(url)
    if setting is not None and setting.value:
        named = Named.of_git(setting)
    if not named.text:
        return STRAIGHT
    if _is_loopback(spot.host):
        return Choice(why="this machine itself")
    variable, bypassed = around.variable("NO_PROXY", "no_proxy")
    entry = bypassing(bypassed, spot.host, spot.port)
    if entry is not None:
        return passed_by(named, entry, variable)
    return _usable(around, named)


def _usable(around: Surroundings, named: Named) -> Choice:
    scheme = scheme_of(named.text)
    if scheme in ("http", "https", "socks5") or named.text.startswith("socks5h://"):
        return through(named, here=frozenset())  # Go leaves names to a SOCKS proxy
    if _version(around.program("git-lfs").version) < (3, 4):
        said = f"proxyconnect tcp: dial tcp: lookup {scheme}: no such host"
    else:
        said = f"it speaks HTTP to a proxy of the kind {scheme}"
    return Choice(why=named.why, by=named.by, error=said)


def bypassing(text: str, host: str, port: int) -> str | None:
    """Go's reading of NO_PROXY: entries between commas; `.name` and `*.name` are what is below the name, `name` is that
    and the name itself, each may have a port; addresses and networks for addresses, which are taken for names as well
    (`0.1` ends 10.0.0.1); `*` anywhere for everything."""
    entries = [entry.strip() for entry in text.split(",")]
    if "*" in entries:
        return "*"
    name, address = host.lower(), address_of(host)
    for entry in filter(None, entries):
        wanted = entry.lower()
        if address_of(wanted) is not None or "/" in wanted:
            if address is not None and NoProxy((wanted,)).bypasses(host, port):
                return entry
            continue
        place, colon, number = wanted.rpartition(":")
        if colon and place:
            if number != str(port) and number:
                continue
            wanted = place.strip("[]")
        if address is not None and address_of(wanted) == address:
            return entry
        wanted = wanted.removeprefix("*") if wanted.startswith("*.") else wanted
        below = wanted if wanted.startswith(".") else f".{wanted}"
        if name.endswith(below) or (wanted == name):
            return entry
    return None


def lfs_trust(around: Surroundings, url: str) -> Trust:
    """git-lfs's certificates: the first of GIT_SSL_CAINFO, http.sslCAInfo for this host, GIT_SSL_CAPATH and
    http.sslCAPath alone, where a certificate can be read there; else Go's, with SSL_CERT_FILE and SSL_CERT_DIR."""
    rooted = _rooted(url)
    named: list[tuple[str, str]] = []
    if value := around.environment.get("GIT_SSL_CAINFO"):
        named = [("GIT_SSL_CAINFO", value)]
    elif (setting := around.lfs.setting("sslcainfo", rooted)) is not None:
        schannel = (around.lfs.setting("sslbackend", url) or setting).value == "schannel"
        named = [] if schannel else [(setting.place, setting.value)]
    elif value := around.environment.get("GIT_SSL_CAPATH"):
        named = [("GIT_SSL_CAPATH", value)]
    elif (setting := around.lfs.setting("sslcapath", "")) is not None:
        named = [(setting.place, setting.value)]
    verifies = not _unverified(around, rooted)
    for by, path in named:
        if path and path not in around.absent:
            return Trust(by, (path,), verifies)
    file, path = around.environment.get("SSL_CERT_FILE", ""), around.environment.get("SSL_CERT_DIR", "")
    folders = [folder for folder in (path.split(":") if path else _FOLDERS) if folder]
    files = [file or around.stores.file] if file not in around.absent else []  # passed over in silence
    if around.stores.file.rpartition("/")[0] in folders:  # all the files in a folder are read, whatever their names
        files.append(around.stores.file)
    by = " and ".join(name for name, value in (("SSL_CERT_FILE", file), ("SSL_CERT_DIR", path)) if value)
    return Trust(by or "system", tuple(dict.fromkeys(filter(None, (*files, *folders)))), verifies)


def _unverified(around: Surroundings, rooted: str) -> bool:
    own = around.lfs.setting("sslverify", rooted)
    everywhere = next((s for s in reversed(around.settings) if s.name == "sslverify" and s.scope is None), None)
    return (
        around.environment.get("GIT_SSL_NO_VERIFY", "").lower() in _TRUE
        or (own is not None and own.value == "false")
        or (everywhere is not None and everywhere.value.lower() in ("false", "0", "no", "off", "f"))
    )


def _rooted(url: str) -> str:
    spot = Spot.of(url)
    host = f"[{spot.host}]" if ":" in spot.host else spot.host
    return f"https://{host}:{spot.port}/" if spot.explicit else f"https://{host}/"


def _is_loopback(host: str) -> bool:
    address = address_of(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:2] if part.isdigit()) or (99,)
