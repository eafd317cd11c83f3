"""git's rules and curl's: both leave most to libcurl, which reads lower-case variables first. Pure.

Sources: git's http.c (get_curl_handle, http_init), libcurl's url.c (detect_proxy, parse_proxy) and noproxy.c, curl's
tool_operate.c; held against the programs themselves by tests/diagnose/test_route_contract.py.
"""

from __future__ import annotations

import re

from hfpush.diagnose.clients.around import Surroundings
from hfpush.diagnose.clients.choice import STRAIGHT, Choice, Named, Spot, Trust, passed_by, raw_at, scheme_of, through
from hfpush.net.no_proxy import NoProxy, address_of

_KNOWN = ("http", "https", "socks", "socks4", "socks4a", "socks5", "socks5h")
_HERE = frozenset(("socks", "socks4", "socks5"))
_ENDINGS = (".crt", ".pem", ".cert")
_PORT = 1080
"""libcurl's port for a proxy of any kind but https where none is given."""


def git_proxy(around: Surroundings, url: str) -> Choice:
    """git's: a remote's own proxy, http.proxy for this URL, the variables; NO_PROXY holds for all of them."""
    setting = around.git.proxy_of_host(url)
    if setting is not None and not setting.written.startswith("remote."):
        setting = around.git.proxy(url)
    named = Named.of_git(setting) if setting is not None else _git_variable(around, Spot.of(url))
    if named is None:
        return STRAIGHT
    if not named.text:
        return Choice(why=f"{named.why} is empty: no proxy", by=named.by)
    return _chosen(around, named, url, by_git=True)


def curl_proxy(around: Surroundings, url: str) -> Choice:
    """curl's: its .curlrc, then the variables."""
    own = [value for key, value in around.curlrc if key in ("proxy", "x")]
    spot = Spot.of(url)
    if own:
        named: Named | None = Named(own[-1], ".curlrc", "proxy in .curlrc")
    else:
        upper = ("HTTPS_PROXY",) if spot.secure else ()
        name, text = around.variable("https_proxy" if spot.secure else "http_proxy", *upper, "all_proxy", "ALL_PROXY")
        named = Named(text, name) if text else None
    if named is None or not named.text:
        return STRAIGHT
    return _chosen(around, named, url, by_git=False)


def _git_variable(around: Surroundings, spot: Spot) -> Named | None:
    """git looks at the variables itself, the later of each pair wins, an empty one included."""
    pairs = (("HTTPS_PROXY", "https_proxy") if spot.secure else ("http_proxy",), ("ALL_PROXY", "all_proxy"))
    for names in pairs:
        found = [name for name in names if name in around.environment]
        if found:
            return Named(around.environment[found[-1]], found[-1])
    return None


def _chosen(around: Surroundings, named: Named, url: str, *, by_git: bool) -> Choice:
    variable, text = around.variable("no_proxy", "NO_PROXY")
    if by_git:  # git hands them on in this order, an empty one included
        given = [name for name in ("NO_PROXY", "no_proxy") if name in around.environment]
        variable = given[-1] if given else ""
        text = around.environment.get(variable, "")
    if not by_git:
        own = [value for key, value in around.curlrc if key == "noproxy"]
        variable, text = ("noproxy in .curlrc", own[-1]) if own else (variable, text)
    entry = bypassing(text, Spot.of(url).host)
    if entry is not None:
        return passed_by(named, entry, variable)
    scheme = scheme_of(named.text)
    if scheme not in _KNOWN and by_git:  # git takes the scheme away, and libcurl has it for HTTP
        named = Named(f"http://{named.text.partition('://')[2]}", named.by, named.place)
    elif scheme not in _KNOWN:
        return Choice(why=named.why, by=named.by, error=f"Unsupported proxy scheme for '{scheme}://…'")
    doubled = raw_at(named.text)
    if doubled and not by_git:
        return Choice(why=named.why, by=named.by, error="Unsupported proxy syntax", misread=True)
    return through(named, here=_HERE, port=0 if scheme == "https" else _PORT, misread=doubled)


def bypassing(text: str, host: str) -> str | None:
    """libcurl's reading of NO_PROXY (from 7.86 on): entries between commas or blanks, a dot at either end of no
    account, the end of a name only where a part ends, addresses and networks for addresses, `*` alone for everything;
    no ports.
    """
    if text == "*":
        return "*"
    name, address = host.lower().strip("[]").removesuffix("."), address_of(host)
    for entry in re.split(r"[,\s]+", text):
        wanted = entry.lower().removesuffix(".").removeprefix(".")
        if not wanted:
            continue
        if address is not None:
            if NoProxy((entry,)).bypasses(host, None) and entry != "*" and ":" not in entry.partition("::")[0]:
                return entry
        elif name == wanted or name.endswith(f".{wanted}"):
            return entry
    return None


# ---------------------------------------------------------------- certificates


def git_trust(around: Surroundings, url: str) -> Trust:
    """git's: the file is GIT_SSL_CAINFO, else http.sslCAInfo, else libcurl's own; and so with the folder, which is
    looked at beside it. GnuTLS reads all the files of a folder, OpenSSL those that are named by hashes."""
    program = around.program("git")
    roots = program.roots or tuple(filter(None, (around.stores.file,)))
    own_folder = next((one for one in roots if not one.endswith(_ENDINGS)), "")
    own_file = next((one for one in roots if one.endswith(_ENDINGS)), "")
    file, by = _git_value(around, url, "sslcainfo", "GIT_SSL_CAINFO")
    folder, folder_by = _git_value(around, url, "sslcapath", "GIT_SSL_CAPATH")
    verifies = "GIT_SSL_NO_VERIFY" not in around.environment and not _is_false(around, url)
    error = _backend_error(around, url)
    if by and not file and verifies and not error:
        error = f"Problem with the SSL CA cert: {by} is empty"
    folder = folder or own_folder
    files = [file or own_file, folder]
    if program.tls.startswith("gnutls") and around.stores.file.rpartition("/")[0] == folder:
        files.insert(1, around.stores.file)
    store = " and ".join(filter(None, (by, folder_by))) or "system"
    return Trust(store, tuple(dict.fromkeys(filter(None, files))), verifies, error)


def _backend_error(around: Surroundings, url: str) -> str:
    backend, known = around.git.setting("sslbackend", url), around.program("git").backends
    if backend is None or not known or backend.value.lower() in known:
        return ""
    return f"Unsupported SSL backend '{backend.value}'. Supported SSL backends: {', '.join(known)}"


def curl_trust(around: Surroundings, url: str) -> Trust:
    """curl's: CURL_CA_BUNDLE, else SSL_CERT_DIR and SSL_CERT_FILE; .curlrc before them."""
    own = dict(around.curlrc)
    verifies = "insecure" not in own and "k" not in own
    if own.get("cacert"):
        return Trust("cacert in .curlrc", (own["cacert"],), verifies)
    bundle = around.environment.get("CURL_CA_BUNDLE", "")
    folder = (around.stores.folder,) if around.stores.folder else ()
    if bundle:
        return Trust("CURL_CA_BUNDLE", (bundle, *folder), verifies)
    file, path = around.environment.get("SSL_CERT_FILE", ""), around.environment.get("SSL_CERT_DIR", "")
    if not file and not path:
        return Trust("system", tuple(filter(None, (around.stores.file, around.stores.folder))), verifies)
    named = [name for name, value in (("SSL_CERT_FILE", file), ("SSL_CERT_DIR", path)) if value]
    files = (file or around.stores.file, *(path.split(":") if path else folder))
    return Trust(" and ".join(named), tuple(filter(None, files)), verifies)


def _git_value(around: Surroundings, url: str, key: str, variable: str) -> tuple[str, str]:
    """A path, and what names it; git has no variable for unset: an empty one counts, and fails."""
    if variable in around.environment:
        return around.environment[variable], variable
    setting = around.git.setting(key, url)
    if setting is None:
        return "", ""
    home = around.environment.get("HOME", "")
    return (f"{home}{setting.value[1:]}" if setting.value.startswith("~/") else setting.value), setting.place


def _is_false(around: Surroundings, url: str) -> bool:
    setting = around.git.setting("sslverify", url)
    return setting is not None and setting.value.lower() in ("false", "no", "off", "0", "")
