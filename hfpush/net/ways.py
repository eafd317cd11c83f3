"""What the connections of one session share: the way to each origin, looked up once, and what TLS is made with.

Routes are a rule; here is what one session has found by it. What it finds for an origin does not change while a command
runs, and looking it up for every small request would cost more than the request's own preparation.
"""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

from hfpush.net.routes import Route, Routes
from hfpush.net.trust import context


class Ways:
    """Routes and trust of one session. Safe to use from several threads."""

    def __init__(self, routes: Routes, ca_bundle: str | None = None) -> None:
        self._routes = routes
        self.ca_bundle = ca_bundle
        self._found: dict[str, Route] = {}
        self._context: ssl.SSLContext | None = None

    def route(self, url: str) -> Route:
        """The way to the origin of `url`. Raises Misuse (`proxy-unusable`)."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        found = self._found.get(origin)
        if found is None:
            found = self._found[origin] = self._routes.route(f"{origin}/")
        return found

    def forwarding(self, url: str) -> Route | None:
        """The way to `url` where it is plain http by an HTTP proxy: then the proxy is asked for the whole URL, and
        there is no connection to the host itself."""
        if url[:5].lower() != "http:":
            return None
        route = self.route(url)
        return route if route.proxy is not None and route.proxy.startswith("http") else None

    def context(self) -> ssl.SSLContext:
        """What TLS connections are made with. Raises Misuse (`ca-file-unusable`)."""
        if self._context is None:
            self._context = context(self.ca_bundle)
        return self._context
