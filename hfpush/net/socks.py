"""The client's side of SOCKS 4a and 5 (RFC 1928, RFC 1929) on a connection to the proxy that stands already.

Names go to the proxy as they are, which resolves them. Every read is bounded by the socket's timeout.
"""

from __future__ import annotations

import socket
import struct

from hfpush.net.no_proxy import address_of
from hfpush.net.proxies import Proxy
from hfpush.net.proxy_fault import ProxyFault

_REPLIES = {
    1: "it failed in general",
    2: "its rules do not allow this connection",
    3: "it cannot reach the network",
    4: "it cannot reach the host",
    5: "the host refused its connection",
    6: "the host did not answer it in time",
    7: "it does not make connections",
    8: "it does not know this kind of address",
}
_BY_RULE = 2
_NO_LOGIN, _PASSWORD, _NOTHING = 0, 2, 0xFF
_GRANTED_4, _LOGIN_4 = 0x5A, (0x5C, 0x5D)


def through_socks(connection: socket.socket, proxy: Proxy, host: str, port: int, named: str) -> None:
    """Make `connection`, which leads to `proxy`, lead to host and port. Raises ProxyFault, and what the system raises.

    `named` is where the proxy is set, for the error.
    """
    if proxy.scheme == "socks4a":
        _four(connection, proxy, host, port, named)
    else:
        _login(connection, proxy, named)
        _five(connection, host, port, named)


def _login(connection: socket.socket, proxy: Proxy, named: str) -> None:
    methods = bytes([_NO_LOGIN]) if proxy.user is None else bytes([_NO_LOGIN, _PASSWORD])
    connection.sendall(bytes([5, len(methods)]) + methods)
    version, method = _exactly(connection, 2, named)
    if version != 5:
        raise ProxyFault("other-kind", "it does not speak SOCKS 5", named)
    if method == _NO_LOGIN:
        return
    if method != _PASSWORD or proxy.user is None:
        raise ProxyFault("login", "it wants a user name and a password", named)
    user, password = proxy.user.encode(), (proxy.password or "").encode()
    if not 0 < len(user) < 256 or len(password) > 255:
        raise ProxyFault("login", "SOCKS takes a user name and a password of at most 255 bytes", named)
    connection.sendall(bytes([1, len(user)]) + user + bytes([len(password)]) + password)
    if _exactly(connection, 2, named)[1] != 0:
        raise ProxyFault("login", "it does not accept the user name and password", named)


def _five(connection: socket.socket, host: str, port: int, named: str) -> None:
    connection.sendall(b"\x05\x01\x00" + _address(host, named) + struct.pack("!H", port))
    version, reply, _, kind = _exactly(connection, 4, named)
    if version != 5:
        raise ProxyFault("other-kind", "it does not speak SOCKS 5", named)
    if reply != 0:
        said = _REPLIES.get(reply, f"it answers {reply}")
        raise ProxyFault("refused" if reply == _BY_RULE else "failed", said, named)
    length = {1: 4, 4: 16}.get(kind) or _exactly(connection, 1, named)[0]
    _exactly(connection, length + 2, named)


def _address(host: str, named: str) -> bytes:
    address = address_of(host)
    if address is not None:
        return (b"\x01" if address.version == 4 else b"\x04") + address.packed
    name = host.encode("idna")
    if not 0 < len(name) < 256:
        raise ProxyFault("failed", "the host's name is too long for SOCKS", named)
    return bytes([3, len(name)]) + name


def _four(connection: socket.socket, proxy: Proxy, host: str, port: int, named: str) -> None:
    user = (proxy.user or "").encode()
    address = address_of(host)
    if address is not None and address.version == 6:
        raise ProxyFault("failed", "SOCKS 4 knows no IPv6 address", named)
    place = address.packed if address is not None else b"\x00\x00\x00\x01"
    name = b"" if address is not None else host.encode("idna") + b"\x00"
    connection.sendall(b"\x04\x01" + struct.pack("!H", port) + place + user + b"\x00" + name)
    version, reply = _exactly(connection, 8, named)[:2]
    if version != 0:
        raise ProxyFault("other-kind", "it does not speak SOCKS 4", named)
    if reply in _LOGIN_4:
        raise ProxyFault("login", "it does not accept the user name", named)
    if reply != _GRANTED_4:
        raise ProxyFault("failed", "it refused or failed", named)


def _exactly(connection: socket.socket, count: int, named: str) -> bytes:
    """So many bytes, and none of those that follow: they are the host's."""
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise ProxyFault("failed", "it closed the connection without an answer", named)
        data += more
    return data
