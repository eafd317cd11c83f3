"""Connections as we want them under requests: our own way out, big blocks, and an idle limit while a body is sent.

Every connection is opened by net/dial.py, by the route of its origin, so that requests and urllib3 decide nothing about
proxies and read nothing of the environment. A TLS handshake that is cut is begun again at once: no byte of a request
was sent yet, and lines on which many handshakes are reset would otherwise crawl from back-off to back-off.

urllib3 leaves the connect timeout on the socket while it sends a request body; here it becomes the idle timeout once
the connection (and its TLS handshake) stands. Python counts that limit over one block, so blocks stay
small until the line has shown that it takes big ones (net/body.py).
"""

from __future__ import annotations

import socket
import ssl
import time
from typing import Any

import requests.adapters
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError, ProxyError

from hfpush.net.answer_head import BoundedHead
from hfpush.net.dial import basic, bracketed, connected, to_proxy
from hfpush.net.issuer import issuer_of
from hfpush.net.lined import lined
from hfpush.net.lines import Lines
from hfpush.net.proxies import Proxy, parse_proxy
from hfpush.net.proxy_fault import ProxyFault
from hfpush.net.routes import Route
from hfpush.net.ways import Ways

BLOCK_BYTES = 1 << 17
HANDSHAKE_WAITS = (0.0, 0.05, 0.1, 0.2)
"""Seconds before each further try of a handshake that was cut."""
_CUT = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
_UNKNOWN = (18, 19, 20, 21)  # X509_V_ERR_* of OpenSSL's x509_vfy.h: no chain to anyone who is trusted
_SECONDS = 10.0


class Dialled(HTTPConnection):
    """A connection that is opened by the route of its origin. `ways` and `forwarder` are set in a subclass."""

    response_class = BoundedHead  # what http.client makes of the socket
    ways: Ways
    forwarder: tuple[Proxy, str] | None = None
    """The proxy that this connection ends at, for plain http, and where it is set."""

    @property
    def route(self) -> Route:
        """The way to the host of this connection."""
        scheme = "https" if isinstance(self, HTTPSConnection) else "http"
        return self.ways.route(f"{scheme}://{bracketed(self._dns_host)}:{self.port}")

    def _new_conn(self) -> socket.socket:
        seconds = float(self.timeout) if isinstance(self.timeout, int | float) else _SECONDS
        try:
            if self.forwarder is not None:
                return to_proxy(*self.forwarder, seconds=seconds)
            return connected(
                self._dns_host,
                int(self.port or self.default_port),
                self.route,
                seconds=seconds,
                ca_bundle=self.ways.ca_bundle,
            )
        except ProxyFault as fault:
            raise ProxyError("The proxy did not carry the connection", fault) from fault
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"Connection to {self.host} timed out.") from error
        except (OSError, UnicodeError) as error:
            raise NewConnectionError(self, f"Failed to establish a new connection: {error}") from error


class Steadfast(Dialled, HTTPSConnection):
    """A TLS connection that begins again at once when its handshake is cut."""

    def connect(self) -> None:
        """As urllib3 does it, several times."""
        end = time.monotonic() + (float(self.timeout) if isinstance(self.timeout, int | float) else _SECONDS)
        waits = list(HANDSHAKE_WAITS)
        while True:
            try:
                super().connect()
                return
            except ssl.SSLCertVerificationError as error:
                if error.verify_code in _UNKNOWN:
                    error.issuer = self._issuer()  # type: ignore[attr-defined]  # for net/outages.py
                raise
            except _CUT as error:
                if self.sock is not None:
                    self.sock.close()
                    self.sock = None
                if not waits or time.monotonic() + waits[0] >= end:
                    self._give_up(error)
                    raise
            time.sleep(waits.pop(0))

    def _issuer(self) -> str | None:
        """Who signed the certificate that is not trusted: asked for once more, on a connection that carries nothing."""
        unchecked = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
        try:
            with unchecked.wrap_socket(super()._new_conn(), server_hostname=self.host) as looked_at:
                return issuer_of(looked_at.getpeercert(binary_form=True) or b"")
        except (OSError, urllib3.exceptions.HTTPError):  # then the finding says one thing less
            return None

    def _give_up(self, error: Exception) -> None:
        """Tells a proxy that said yes and then hung up from a host that did."""
        if self.forwarder is None and self.route.proxy is not None:
            fault = ProxyFault("lost", "it said yes and then closed before the host's first word", self.route.why)
            fault.__cause__ = error
            raise ProxyError("The proxy lost its way to the host", fault) from fault


def _pool_classes(
    idle_seconds: float, ways: Ways, forwarder: tuple[Proxy, str] | None = None
) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(Dialled):
        def connect(self) -> None:
            super().connect()
            self.sock.settimeout(idle_seconds)

        def request(self, *args: Any, **kwargs: Any) -> None:
            _use_idle_limit(self, idle_seconds)
            super().request(*args, **kwargs)

    class TLS(Plain, Steadfast):
        pass

    class Pool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TLSPool(HTTPSConnectionPool):
        ConnectionCls = TLS

    Plain.ways, Plain.forwarder = ways, forwarder
    return {"http": Pool, "https": TLSPool}


def _use_idle_limit(connection: HTTPConnection, idle_seconds: float) -> None:
    # `request` sets the socket's limit to `timeout` where the connection stands already: kept alive, or TLS.
    if connection.sock is not None:
        connection.timeout = idle_seconds


class Adapter(requests.adapters.HTTPAdapter):
    """An adapter with `connections` kept alive per host, no retries of its own (net/retry.py decides those)."""

    def __init__(self, *, connections: int, idle_seconds: float, ways: Ways, lines: Lines | None = None) -> None:
        self._idle_seconds = idle_seconds
        self._ways = ways
        self._lines = lines
        self._named: dict[str, str] = {}  # by the address of an HTTP proxy: what names it
        super().__init__(pool_connections=16, pool_maxsize=connections, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As requests does it, with our block size and connections."""
        super().init_poolmanager(*args, blocksize=BLOCK_BYTES, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._classes()

    def _classes(self, forwarder: tuple[Proxy, str] | None = None) -> dict[str, type[HTTPConnectionPool]]:
        return lined(_pool_classes(self._idle_seconds, self._ways, forwarder), self._lines)

    def pool(self, url: str) -> HTTPConnectionPool | None:
        """The pool for the origin of `url`; None where a proxy is to be asked for the whole URL.

        Raises Misuse where the CA file or the proxy cannot be used.
        """
        if self._ways.forwarding(url) is not None:
            return None
        parts = urllib3.util.parse_url(url)
        secure = parts.scheme == "https"
        if secure:
            self._ways.route(url)  # misspelt? Said now, and not within a connection
        more = {"ssl_context": self._ways.context()} if secure else None
        pools: urllib3.PoolManager = self.poolmanager
        return pools.connection_from_host(parts.host, parts.port, parts.scheme, pool_kwargs=more)

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> HTTPConnectionPool:
        """The pool for a request: by our rules, whatever is given here."""
        pool = self.pool(str(request.url))
        if pool is not None:
            return pool
        route = self._ways.route(str(request.url))
        assert route.proxy is not None, "only a proxy is asked for a whole URL"
        self._named[route.proxy] = route.why
        return self.proxy_manager_for(route.proxy).connection_from_url(str(request.url))

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> urllib3.ProxyManager:
        """The pools of an HTTP proxy that is asked for plain http."""
        known: urllib3.ProxyManager | None = self.proxy_manager.get(proxy)
        if known is not None:
            return known
        parsed = parse_proxy(proxy, "http_proxy")
        if parsed.scheme == "https":
            kwargs |= {"proxy_ssl_context": self._ways.context()}
        manager: urllib3.ProxyManager = super().proxy_manager_for(proxy, blocksize=BLOCK_BYTES, **kwargs)
        manager.pool_classes_by_scheme = self._classes((parsed, self._named.get(proxy, parsed.shown)))
        return manager

    def proxy_headers(self, proxy: str) -> dict[str, str]:
        """What goes to a proxy with each request for plain http."""
        return basic(parse_proxy(proxy, "http_proxy"))

    def cert_verify(self, *_: Any) -> None:
        """Nothing: certificates are checked by what `Ways.context` makes, always."""
