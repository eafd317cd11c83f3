"""Real proxies, of the standard library alone: HTTP (CONNECT, and plain requests in absolute form), SOCKS 4a and 5.

As a context manager in a test:

    with running(ProxyServer("socks5", login=("ada", "secret"))) as proxy:
        proxy.url, proxy.connections, proxy.targets

As a program, in a network namespace say; each target is written as a line into the log, each connection as "+":

    python tests/support/proxies.py --kind http --listen 10.0.0.5:3128 [--login ada:secret] [--log FILE]
        [--host hub.test=10.0.0.2] [--cut-after 0] [--forbid s3.hub.test] [--tls CERT KEY]

It says "ready HOST:PORT" on stdout when it listens.
"""

from __future__ import annotations

import argparse
import base64
import selectors
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

SECONDS = 60.0
_BLOCK = 1 << 16
_RESOLVE = 0xF0
"""Tor's own command of SOCKS 5: it is asked for a name's address."""


@dataclass
class ProxyServer:
    """What a proxy is to do, and what it saw. `kind` is http or socks5, which also takes SOCKS 4a.

    `login` is what it demands. `hosts` says where a name leads, for names that no DNS knows: an address, or address and
    port. A host in `forbidden` is refused. With `lost`, a CONNECT is granted and the connection then closed; with a
    number in `cut_after`, each connection is cut when so many bytes have gone through it.
    """

    kind: str = "http"
    login: tuple[str, str] | None = None
    hosts: dict[str, tuple[str, int] | str] = field(default_factory=dict)
    resolves: dict[str, str] = field(default_factory=dict)
    forbidden: frozenset[str] = frozenset()
    lost: bool = False
    cut_after: int | None = None
    tls: ssl.SSLContext | None = None
    log: Callable[[str], None] | None = None
    connections: int = 0
    targets: list[str] = field(default_factory=list)
    refused_logins: int = 0
    address: tuple[str, int] = ("127.0.0.1", 0)
    _live: set[socket.socket] = field(default_factory=set, repr=False)
    _threads: list[threading.Thread] = field(default_factory=list, repr=False)

    @property
    def place(self) -> str:
        """host:port."""
        return f"{self.address[0]}:{self.address[1]}"

    @property
    def url(self) -> str:
        """Its address without credentials, with the scheme that clients want."""
        return f"{self.scheme}://{self.place}"

    @property
    def url_with_login(self) -> str:
        """Its address with the credentials that it demands."""
        user, password = self.login or ("", "")
        return f"{self.scheme}://{user}:{password}@{self.place}"

    @property
    def scheme(self) -> str:
        """http, https or socks5h."""
        return ("https" if self.tls else "http") if self.kind == "http" else "socks5h"

    def serve(self, listener: socket.socket) -> None:
        """Take connections until the listener is closed."""
        self.address = listener.getsockname()[:2]
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                self.connections += 1
                self._say("+")
                self._live.add(client)
                thread = threading.Thread(target=self._converse, args=(client,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def stop(self) -> None:
        """Cut every connection, and wait for what served it."""
        for end in list(self._live):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(SECONDS)

    def _say(self, line: str) -> None:
        if self.log is not None:
            self.log(line)

    def _converse(self, client: socket.socket) -> None:
        try:
            client.settimeout(SECONDS)
            if self.tls is not None:
                client = self.tls.wrap_socket(client, server_side=True)
                self._live.add(client)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.kind == "http":
                self._http(client)
            elif (version := _exactly(client, 1)) == b"\x05":
                self._socks5(client)
            elif version == b"\x04":
                self._socks4(client)
        except (OSError, ValueError, IndexError):
            pass  # the client left, or spoke something else
        finally:
            client.close()

    def _reach(self, host: str, port: int) -> socket.socket | None:
        self.targets.append(f"{host}:{port}")
        self._say(f"{host}:{port}")
        if host in self.forbidden:
            return None
        there = self.hosts.get(host, host)
        upstream = socket.create_connection(there if isinstance(there, tuple) else (there, port), timeout=10)
        upstream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._live.add(upstream)
        return upstream

    # ------------------------------------------------------------------ HTTP

    def _http(self, client: socket.socket) -> None:
        while head := _head(client):
            lines = head.decode("latin-1").split("\r\n")
            method, target, _ = lines[0].split(" ", 2)
            fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            if self.login is not None and fields.get("proxy-authorization") != _basic(self.login):
                self.refused_logins += 1
                client.sendall(_answer(407, 'Proxy-Authenticate: Basic realm="x"'))
                return
            host, _, port = (target if method == "CONNECT" else target.split("/", 3)[2]).rpartition(":")
            if not port.isdigit():  # no port in the URL
                host, port = target.split("/", 3)[2], "80"
            try:
                upstream = self._reach(host.strip("[]"), int(port))
            except OSError:
                client.sendall(_answer(502))
                return
            if upstream is None:
                client.sendall(_answer(403))
                return
            with upstream:
                if method == "CONNECT":
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    if not self.lost:
                        self._relay(client, upstream)
                    return
                self._forward(client, upstream, lines, target, fields)
            return

    def _forward(
        self, client: socket.socket, upstream: socket.socket, lines: list[str], target: str, fields: dict[str, str]
    ) -> None:
        """One plain request, its answer until the server closes, and then the connection's end."""
        dropped = ("proxy-", "connection:")
        path = "/" + [*target.split("/", 3), ""][3]
        kept = [line for line in lines[1:] if line and not line.lower().startswith(dropped)]
        first = f"{lines[0].split(' ', 1)[0]} {path} HTTP/1.1"
        upstream.sendall("\r\n".join([first, *kept, "Connection: close", "", ""]).encode("latin-1"))
        left = int(fields.get("content-length", 0))
        while left > 0 and (data := client.recv(min(left, _BLOCK))):
            upstream.sendall(data)
            left -= len(data)
        while data := upstream.recv(_BLOCK):
            client.sendall(data)

    # ------------------------------------------------------------------ SOCKS

    def _socks5(self, client: socket.socket) -> None:
        methods = _exactly(client, _exactly(client, 1)[0])
        if self.login is not None:
            if 2 not in methods:
                self.refused_logins += 1
                client.sendall(b"\x05\xff")
                return
            client.sendall(b"\x05\x02")
            _exactly(client, 1)
            user = _exactly(client, _exactly(client, 1)[0]).decode()
            password = _exactly(client, _exactly(client, 1)[0]).decode()
            if (user, password) != self.login:
                self.refused_logins += 1
                client.sendall(b"\x01\x01")
                return
            client.sendall(b"\x01\x00")
        else:
            client.sendall(b"\x05\x00")
        _, command, _, kind = _exactly(client, 4)
        if kind == 3:
            host = _exactly(client, _exactly(client, 1)[0]).decode("ascii")
        else:
            host = socket.inet_ntop(
                *((socket.AF_INET, _exactly(client, 4)) if kind == 1 else (socket.AF_INET6, _exactly(client, 16)))
            )
        port = struct.unpack("!H", _exactly(client, 2))[0]
        if command == _RESOLVE:
            address = self.resolves.get(host)
            client.sendall(b"\x05\x04\x00\x01" + bytes(6) if address is None else _resolved(address))
            return
        try:
            upstream = self._reach(host, port)
        except socket.gaierror:
            client.sendall(b"\x05\x04\x00\x01" + bytes(6))
            return
        except OSError:
            client.sendall(b"\x05\x05\x00\x01" + bytes(6))
            return
        if upstream is None:
            client.sendall(b"\x05\x02\x00\x01" + bytes(6))
            return
        with upstream:
            client.sendall(b"\x05\x00\x00\x01" + bytes(6))
            if not self.lost:
                self._relay(client, upstream)

    def _socks4(self, client: socket.socket) -> None:
        _, port, number = struct.unpack("!BH4s", _exactly(client, 7))
        user = _until_zero(client)
        host = _until_zero(client) if number[:3] == bytes(3) and number[3] else socket.inet_ntoa(number)
        if self.login is not None and user != self.login[0]:
            self.refused_logins += 1
            client.sendall(b"\x00\x5d" + bytes(6))
            return
        try:
            upstream = self._reach(host, port)
        except OSError:
            upstream = None
        client.sendall((b"\x00\x5b" if upstream is None else b"\x00\x5a") + bytes(6))
        if upstream is not None:
            with upstream:
                self._relay(client, upstream)

    # ------------------------------------------------------------------ bytes

    def _relay(self, one: socket.socket, other: socket.socket) -> None:
        through = 0
        with selectors.DefaultSelector() as selector:
            for end, far in ((one, other), (other, one)):
                selector.register(end, selectors.EVENT_READ, far)
            while selector.get_map():
                for key, _ in selector.select(SECONDS) or self._nothing():
                    end = key.fileobj
                    assert isinstance(end, socket.socket)
                    data = end.recv(_BLOCK)
                    while data and isinstance(end, ssl.SSLSocket) and end.pending():
                        data += end.recv(_BLOCK)
                    through += len(data)
                    if self.cut_after is not None and through > self.cut_after:
                        for cut in (one, other):
                            cut.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        return
                    if data:
                        key.data.sendall(data)
                        continue
                    selector.unregister(end)
                    with suppress(OSError):
                        key.data.shutdown(socket.SHUT_WR)
                    if isinstance(key.data, ssl.SSLSocket) or isinstance(end, ssl.SSLSocket):
                        return  # TLS knows no half of a connection

    @staticmethod
    def _nothing() -> list[tuple[selectors.SelectorKey, int]]:
        raise TimeoutError


@contextmanager
def running(server: ProxyServer, host: str = "127.0.0.1", port: int = 0) -> Iterator[ProxyServer]:
    """The proxy, listening on a free port."""
    with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        server.address = listener.getsockname()[:2]
        thread = threading.Thread(target=server.serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(SECONDS)
            server.stop()


def _resolved(address: str) -> bytes:
    return b"\x05\x00\x00\x01" + socket.inet_aton(address) + bytes(2)


def _exactly(stream: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = stream.recv(count - len(data))
        if not more:
            raise OSError("the client left")
        data += more
    return data


def _until_zero(stream: socket.socket) -> str:
    data = b""
    while (byte := _exactly(stream, 1)) != b"\0":
        data += byte
    return data.decode("ascii")


def _head(stream: socket.socket) -> bytes:
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        byte = stream.recv(1)
        if not byte:
            return b""
        data += byte
    return data[:-4]


def _answer(status: int, *fields: str) -> bytes:
    lines = [f"HTTP/1.1 {status} x", "Content-Length: 0", "Connection: close", *fields]
    return "\r\n".join([*lines, "", ""]).encode()


def _basic(login: tuple[str, str]) -> str:
    return f"Basic {base64.b64encode(':'.join(login).encode()).decode()}"


def main(arguments: list[str]) -> None:
    """The proxy as a program; it runs until it is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kind", choices=("http", "socks5"), default="http")
    parser.add_argument("--listen", default="127.0.0.1:0")
    parser.add_argument("--login")
    parser.add_argument("--log", type=Path)
    parser.add_argument("--host", action="append", default=[])
    parser.add_argument("--forbid", action="append", default=[])
    parser.add_argument("--lost", action="store_true")
    parser.add_argument("--cut-after", type=int)
    parser.add_argument("--tls", nargs=2, type=Path, metavar=("CERT", "KEY"))
    asked = parser.parse_args(arguments)
    log = asked.log.open("a", buffering=1) if asked.log else None
    server = ProxyServer(
        asked.kind,
        login=tuple(asked.login.split(":", 1)) if asked.login else None,
        hosts=dict(entry.split("=", 1) for entry in asked.host),
        forbidden=frozenset(asked.forbid),
        lost=asked.lost,
        cut_after=asked.cut_after,
        log=(lambda line: print(line, file=log)) if log else None,
    )
    if asked.tls:
        server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.tls.load_cert_chain(*asked.tls)
    host, _, port = asked.listen.rpartition(":")
    host = host.strip("[]")
    with socket.create_server((host, int(port)), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        print(f"ready {asked.listen[: asked.listen.rindex(':')]}:{listener.getsockname()[1]}", flush=True)
        server.serve(listener)


if __name__ == "__main__":
    main(sys.argv[1:])
