"""One TCP connection to a host and port, straight or through a proxy: always a plain socket of the system.

What comes back leads to the host; TLS with it is the caller's business. A proxy of kind https is spoken to
over TLS of its own, by a thread (net/tls_pipe.py), so that also then the caller has a plain socket.
"""

from __future__ import annotations

import base64
import socket
import ssl
import time

from urllib3.exceptions import ConnectTimeoutError

from hfpush.net import eyeballs
from hfpush.net.lines import enters
from hfpush.net.news import tunnel
from hfpush.net.outages import network_failure
from hfpush.net.proxies import Proxy, parse_proxy
from hfpush.net.proxy_fault import ProxyFault
from hfpush.net.routes import Route
from hfpush.net.socks import through_socks
from hfpush.net.tls_pipe import tls_pipe
from hfpush.net.trust import context

_MOST_HEAD = 16 * 1024


def dial(host: str, port: int, route: Route, *, connect_seconds: float, ca_bundle: str | None = None) -> socket.socket:
    """A connected socket to host and port by `route`, with `connect_seconds` as its timeout. `ca_bundle` is for a proxy
    that is spoken to over TLS.

    Raises the HfpushError that a failed connection amounts to, as net/outages.py makes it.
    """
    try:
        return connected(host, port, route, seconds=connect_seconds, ca_bundle=ca_bundle)
    except TimeoutError as error:  # what a proxy does not answer is a ProxyFault
        late = ConnectTimeoutError(f"no answer within {connect_seconds:g} s")
        raise network_failure("CONNECT", f"tcp://{bracketed(host)}:{port}", late) from error
    except (OSError, UnicodeError) as error:
        raise network_failure("CONNECT", f"tcp://{bracketed(host)}:{port}", error) from error


def connected(host: str, port: int, route: Route, *, seconds: float, ca_bundle: str | None = None) -> socket.socket:
    """As `dial`, but raises what the system raises, and ProxyFault; for those who tell more about the request."""
    if route.proxy is None:
        return eyeballs.connect(host, port, seconds=seconds)
    proxy, end = parse_proxy(route.proxy, route.why), time.monotonic() + seconds
    connection = to_proxy(proxy, route.why, seconds=seconds)
    enters(tunnel(f"{proxy.host}:{proxy.port}"))
    try:
        connection.settimeout(max(end - time.monotonic(), 0.1))
        if proxy.scheme == "https":
            connection = _over_tls(connection, proxy, route.why, ca_bundle)
        if proxy.scheme in ("http", "https"):
            _http_connect(connection, proxy, host, port, route.why)
        else:
            through_socks(connection, proxy, host, port, route.why)
        connection.settimeout(seconds)
    except TimeoutError as error:
        connection.close()
        raise ProxyFault("failed", f"it did not answer within {seconds:g} s", route.why) from error
    except ConnectionError as error:
        connection.close()
        raise ProxyFault("failed", "it cut the connection without an answer", route.why) from error
    except BaseException:
        connection.close()
        raise
    return connection


def to_proxy(proxy: Proxy, named: str, *, seconds: float) -> socket.socket:
    """A connection to the proxy itself. Raises ProxyFault."""
    try:
        return eyeballs.connect(proxy.host, proxy.port, seconds=seconds)
    except OSError as error:
        said = error.strerror or str(error)
        raise ProxyFault("unreached", f"{proxy.shown}: {said}", named) from error


def basic(proxy: Proxy) -> dict[str, str]:
    """The header with the credentials for an HTTP proxy, where it has some."""
    if proxy.user is None:
        return {}
    login = f"{proxy.user}:{proxy.password or ''}".encode()
    return {"Proxy-Authorization": f"Basic {base64.b64encode(login).decode('ascii')}"}


def _over_tls(connection: socket.socket, proxy: Proxy, named: str, ca_bundle: str | None) -> socket.socket:
    try:
        secured = context(ca_bundle).wrap_socket(connection, server_hostname=proxy.host)
    except ssl.SSLCertVerificationError as error:
        raise ProxyFault("untrusted", error.verify_message, named) from error
    except (ssl.SSLError, ConnectionError) as error:
        raise ProxyFault("other-kind", "it does not speak TLS, as https:// says", named) from error
    return tls_pipe(secured)


def _http_connect(connection: socket.socket, proxy: Proxy, host: str, port: int, named: str) -> None:
    place = f"{bracketed(host.encode('idna').decode('ascii') if ':' not in host else host)}:{port}"
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}", "User-Agent: hfpush"]
    lines += [f"{name}: {value}" for name, value in basic(proxy).items()]
    connection.sendall("\r\n".join([*lines, "", ""]).encode("ascii"))
    head = _head(connection, named, connection.gettimeout())
    fields = head.split(b"\r\n", 1)[0].split(None, 2)
    if len(fields) < 2 or not fields[0].startswith(b"HTTP/") or not fields[1].isdigit():
        raise ProxyFault("other-kind", "it does not speak HTTP, as a proxy of this kind does", named)
    status = int(fields[1])
    if 200 <= status < 300:
        return
    if status == 407:
        raise ProxyFault("login", "it answered 407", named, status=status)
    refused = 400 <= status < 500 and status not in (408, 429)
    raise ProxyFault("refused" if refused else "failed", f"it answered {status}", named, status=status)


def _head(connection: socket.socket, named: str, seconds: float | None) -> bytes:
    """The head of the proxy's answer, and not a byte of what follows: that is the host's. Raises TimeoutError when it
    is not there in time, however steadily it drips."""
    head = bytearray()
    end = None if seconds is None else time.monotonic() + seconds
    while not head.endswith(b"\r\n\r\n"):
        if end is not None and time.monotonic() > end:
            raise TimeoutError("the proxy's answer was not complete")
        byte = connection.recv(1)
        if not byte or len(head) > _MOST_HEAD or (len(head) == 5 and head != b"HTTP/"):
            if head and not head.startswith(b"HTTP/"[: len(head)]):
                raise ProxyFault("other-kind", "it does not speak HTTP, as a proxy of this kind does", named)
            raise ProxyFault("failed", "it closed the connection without an answer", named)
        head += byte
    return bytes(head)


def bracketed(host: str) -> str:
    """A host as it stands in a URL: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
