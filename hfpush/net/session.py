"""A session that reads nothing of the environment: proxies and trust are those of its `Ways`.

requests would look for proxies, CA files and passwords by itself, by rules of its own, and for every request anew,
which is a third of what a small one costs.
"""

from __future__ import annotations

from typing import Any

import requests

from hfpush.net.ways import Ways


class Session(requests.Session):
    """As requests.Session, with one rule for the way to a URL."""

    def __init__(self, ways: Ways) -> None:
        super().__init__()
        self.trust_env = False
        self._ways = ways

    def resolve_redirects(self, *_: Any, **__: Any) -> Any:
        """Nothing: nobody is followed here, and requests would read a server's Location all the same, and stumble over
        one that is no address."""
        return iter(())

    def merge_environment_settings(
        self, url: str | bytes | None, proxies: Any, stream: bool | None, verify: Any, cert: Any
    ) -> Any:
        """The settings for a request: a proxy only where it is asked for the whole URL; net/pool.py knows the others.

        Raises Misuse (`proxy-unusable`).
        """
        route = self._ways.forwarding(str(url))
        by = {} if route is None else {"http": route.proxy}
        return {"proxies": by, "stream": bool(stream), "verify": True, "cert": None}
