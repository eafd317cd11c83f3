"""A place that speaks the Hub's API, and the one rule for where its token may go."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, urlsplit

Kind = Literal["hub", "mirror", "relay", "nexus", "artifactory"]
"""What stands at an endpoint: a Hub itself; a mirror that carries its API but perhaps not its storage; an hfpush relay,
which carries everything; a proxy repository of Nexus or Artifactory."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_PLAIN = re.compile(r"[!-\[\]-~]*")  # asked for each request; one expression instead of a look at each letter


@dataclass(frozen=True)
class Endpoint:
    """A Hub or a mirror of it. `url` has a scheme, a host, perhaps a path prefix, and no trailing slash.

    `trusted` says that the user has agreed, by its name, that the token may go there. `proxy` is a URL that may hold a
    password, `ca_bundle` a file of certificates that are trusted there beside the usual ones; the times, in seconds,
    are those of net/patience.py where the endpoint needs others.
    """

    name: str
    url: str
    kind: Kind = "hub"
    trusted: bool = True
    proxy: str | None = field(default=None, repr=False)
    ca_bundle: str | None = None
    connect_seconds: float | None = None
    idle_seconds: float | None = None
    answer_seconds: float | None = None

    def owns(self, url: str) -> bool:
        """Whether this endpoint's token may be sent to `url`: same scheme, host and port, and below its path prefix.

        A URL that two readers could understand differently is never owned: user information, a backslash, spaces and
        control characters, letters outside ASCII, an unreadable port, and dots that climb out of the path prefix,
        however they are written.
        """
        mine, theirs = origin(self.url), origin(url)
        if mine is None or theirs is None or mine != theirs:
            return False
        prefix = urlsplit(self.url).path.rstrip("/")
        path = urlsplit(url).path
        if prefix and _climbs(path):
            return False
        return path == prefix or path.startswith(prefix + "/")


def origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host in lower case and port of an http(s) URL; None for one that cannot be read in one way only."""
    if not _PLAIN.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc or port == 0:
        return None
    return parts.scheme, parts.hostname, port or _DEFAULT_PORTS[parts.scheme]


def _climbs(path: str) -> bool:
    # Some servers decode twice, take %5c for a slash, or cut off what follows a semicolon, before they resolve dots.
    decoded = unquote(unquote(path)).replace("\\", "/")
    return any(part.partition(";")[0] in (".", "..") for part in decoded.split("/"))
