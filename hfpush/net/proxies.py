"""The address of a proxy, as people write it, and as we use it. Pure.

Written as host:port it is http. socks5 and socks mean socks5h here, and socks4 means socks4a: names are always resolved
by the proxy, as where a proxy is needed this machine's own answers are often wrong. A password may hold a raw `@`;
other special letters are percent-encoded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from hfpush.errors import Misuse
from hfpush.net.redact import redact

_SCHEMES = {
    "http": "http",
    "https": "https",
    "socks": "socks5h",
    "socks5": "socks5h",
    "socks5h": "socks5h",
    "socks4": "socks4a",
    "socks4a": "socks4a",
}
_PORTS = {"http": 80, "https": 443, "socks4a": 1080, "socks5h": 1080}
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?|\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._-]+)?\]")
_FORM = "write it as http://host:port or, for SOCKS, as socks5h://host:port"


@dataclass(frozen=True)
class Proxy:
    """A proxy: `scheme` is http, https, socks4a or socks5h; `host` a name or an address without brackets."""

    scheme: str
    host: str
    port: int
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """The one spelling, with user and password percent-encoded: for programs, not to be shown."""
        login = "" if self.user is None else quote(self.user, safe="")
        if self.password is not None:
            login += f":{quote(self.password, safe='')}"
        return f"{self.scheme}://{login}@{self._place}" if login else self.shown

    @property
    def shown(self) -> str:
        """The proxy without its user and password."""
        return f"{self.scheme}://{self._place}"

    @property
    def _place(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_proxy(text: str, named: str, change: str = "") -> Proxy:
    """The proxy that `text` is. `named` says where it stands, `change` how one changes it there.

    Raises Misuse (`proxy-unusable`), which shows the text without its password.
    """

    def wrong(why: str) -> Misuse:
        return Misuse.of(
            "proxy-unusable",
            f"The proxy in {named} cannot be used: {why}.",
            seen=(f"{named}: {masked(text)}",),
            to_try=(_FORM, *((change,) if change else ())),
        )

    text = text.strip()
    scheme, mark, rest = text.rpartition("://") if "@" not in text else _scheme_before_login(text)
    if mark and scheme.lower() not in _SCHEMES:
        raise wrong(f"{scheme[:40]!r} is no kind of proxy; known are http, https, socks5h and socks4a")
    scheme = _SCHEMES[scheme.lower()] if mark else "http"
    login, at, place = rest.rpartition("@")
    if any(letter.isspace() or not letter.isprintable() for letter in rest):
        raise wrong("there is a space or a control character in it")
    place = re.split(r"[/?#]", place, maxsplit=1)[0]
    host, colon, port = place.rpartition(":") if re.search(r":[^\]]*$", place) else (place, "", "")
    if not _HOST.fullmatch(host):
        raise wrong("there is no host in it" if not host else "its host cannot be read")
    if colon and not (port.isascii() and port.isdigit() and len(port) < 6 and 0 < int(port) < 65536):
        raise wrong("its port is no number from 1 to 65535")
    user, with_password, password = login.partition(":")
    return Proxy(
        scheme,
        host.strip("[]"),
        int(port) if colon else _PORTS[scheme],
        unquote(user) if at else None,
        unquote(password) if with_password else None,
    )


def _scheme_before_login(text: str) -> tuple[str, str, str]:
    # A password may hold "://" as well: here only what comes first is a scheme.
    scheme, mark, rest = text.partition("://")
    return (scheme, mark, rest) if mark and "@" not in scheme else ("", "", text)


def password_in(text: str) -> str | None:
    """The password of a proxy's address, as far as it can be told; all of it where it is no address."""
    try:
        return parse_proxy(text, "").password
    except Misuse:
        return text


def masked(text: str) -> str:
    """A proxy's address as far as it may be shown, whatever is wrong with it."""
    before, at, place = text.rpartition("@")
    scheme, mark, _ = before.partition("://")
    return redact(f"{scheme}{mark}***@{place}" if at and mark else f"***@{place}" if at else text)[:200]
