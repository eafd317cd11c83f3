"""How the door reaches out: by the one rule for proxies, with a plain socket as the result.

Blocking: the door calls it in threads.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass

from hfpush.bridge.request_head import END, Asked
from hfpush.net.dial import basic, dial, to_proxy
from hfpush.net.outages import network_failure
from hfpush.net.proxies import parse_proxy
from hfpush.net.routes import Routes


@dataclass(frozen=True)
class Reach:
    """The way out. `ca_bundle` is for proxies that are spoken to over TLS."""

    routes: Routes
    connect_seconds: float = 10.0
    ca_bundle: str | None = None

    def way(self, asked: Asked) -> str:
        """How it is reached, in words. Raises Misuse for a proxy that is misspelt."""
        return self.routes.route(asked.url).shown

    def tunnel(self, asked: Asked) -> socket.socket:
        """A connection that leads to the host itself. Raises HfpushError."""
        route = self.routes.route(asked.url)
        return dial(asked.host, asked.port, route, connect_seconds=self.connect_seconds, ca_bundle=self.ca_bundle)

    def plain(self, asked: Asked) -> tuple[socket.socket, bytes]:
        """A connection for a plain http request, and the head to send on it. Raises HfpushError.

        An HTTP proxy is given such a request as it is: many refuse CONNECT to other ports than 443.
        """
        if asked.onward is None or asked.through is None:
            raise ValueError("not a plain request")
        route = self.routes.route(asked.url)
        proxy = parse_proxy(route.proxy, route.why) if route.proxy is not None else None
        if proxy is None or proxy.scheme != "http":
            return self.tunnel(asked), asked.onward
        try:
            connection = to_proxy(proxy, route.why, seconds=self.connect_seconds)
        except OSError as error:
            raise network_failure("CONNECT", f"tcp://{asked.host}:{asked.port}", error) from error
        login = b"".join(f"{name}: {value}\r\n".encode("ascii") for name, value in basic(proxy).items())
        return connection, asked.through.removesuffix(END[2:]) + login + END[2:]
