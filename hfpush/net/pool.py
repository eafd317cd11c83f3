"""Connections as we want them under requests: big blocks, and an idle limit while a body is being sent.

urllib3 leaves the connect timeout on the socket while it sends a request body; here it becomes the idle timeout once
the connection (and its TLS handshake) stands. Python counts that limit over one block, so blocks stay
small until the line has shown that it takes big ones (net/body.py).
"""

from __future__ import annotations

from typing import Any

import requests.adapters
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

BLOCK_BYTES = 1 << 17


def _pool_classes(idle_seconds: float) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            self.sock.settimeout(idle_seconds)

        def request(self, *args: Any, **kwargs: Any) -> None:
            _use_idle_limit(self, idle_seconds)
            super().request(*args, **kwargs)

    class TLS(Plain, HTTPSConnection):
        pass

    class Pool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TLSPool(HTTPSConnectionPool):
        ConnectionCls = TLS

    return {"http": Pool, "https": TLSPool}


def _use_idle_limit(connection: HTTPConnection, idle_seconds: float) -> None:
    # `request` sets the socket's limit to `timeout` where the connection stands already: kept alive, or TLS.
    if connection.sock is not None:
        connection.timeout = idle_seconds


class Adapter(requests.adapters.HTTPAdapter):
    """An adapter with `connections` kept alive per host, no retries of its own (net/retry.py decides those)."""

    def __init__(self, *, connections: int, idle_seconds: float) -> None:
        self._idle_seconds = idle_seconds
        super().__init__(pool_connections=16, pool_maxsize=connections, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As requests does it, with our block size and connections."""
        super().init_poolmanager(*args, blocksize=BLOCK_BYTES, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pool_classes(self._idle_seconds)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> urllib3.ProxyManager:
        """As requests does it; SOCKS proxies keep the connection classes that speak SOCKS."""
        manager: urllib3.ProxyManager = super().proxy_manager_for(proxy, blocksize=BLOCK_BYTES, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _pool_classes(self._idle_seconds)
        return manager
