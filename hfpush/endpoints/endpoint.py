"""A place that speaks the Hub's API, and the one rule for where its token may go."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Endpoint:
    """A Hub or a mirror of it. `url` has a scheme, a host, perhaps a path prefix, and no trailing slash."""

    name: str
    url: str

    def owns(self, url: str) -> bool:
        """Whether this endpoint's token may be sent to `url`: same scheme, host and port, and below its path prefix.

        A URL with user information, a backslash or an unreadable port is never owned.
        """
        mine, theirs = _origin(self.url), _origin(url)
        if mine is None or theirs is None or mine != theirs:
            return False
        prefix = urlsplit(self.url).path.rstrip("/")
        path = urlsplit(url).path
        if any(part in ("..", ".") for part in path.replace("%2e", ".").replace("%2E", ".").split("/")) and prefix:
            return False
        return path == prefix or path.startswith(prefix + "/")


def _origin(url: str) -> tuple[str, str, int] | None:
    if "\\" in url or any(ord(letter) <= 32 for letter in url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or port is None or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, port
