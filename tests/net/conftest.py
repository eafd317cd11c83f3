"""Servers on loopback that answer what a test says, or misbehave as it says; and certificates nobody trusts."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SECONDS = 20.0  # no conversation of a test lasts longer


@dataclass
class Request:
    """What a client asked, complete with its body."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


class Conversation:
    """One connection, seen from the server."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self._stream = connection.makefile("rb")

    def head(self) -> Request | None:
        """The next request without its body; None when the client hung up."""
        first = self._stream.readline()
        if not first:
            return None
        method, path, _ = first.decode("latin-1").split(" ", 2)
        headers: dict[str, str] = {}
        while line := self._stream.readline().strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        return Request(method, path, headers)

    def body(self, request: Request) -> bytes:
        """The body that belongs to a head."""
        return self._stream.read(int(request.headers.get("content-length", 0)))

    def send(self, data: bytes) -> None:
        """Bytes to the client, as they are."""
        self.socket.sendall(data)

    def answer(self, status: int = 200, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        """A whole answer; the connection stays."""
        lines = [f"HTTP/1.1 {status} x", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.send("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    def cut(self) -> None:
        """Close with a reset: nothing that is still on its way arrives."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.close()

    def close(self) -> None:
        """Close, after what was sent."""
        self._stream.close()
        self.socket.close()


@dataclass
class Peer:
    """A server: where it is, what it was asked, over how many connections. `over` is set at the test's end."""

    url: str
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    over: threading.Event = field(default_factory=threading.Event)


Talk = Callable[[Conversation, Peer], None]
Serve = Callable[..., Peer]


@pytest.fixture
def serve_raw() -> Iterator[Serve]:
    """`serve_raw(talk, tls=context)`: a server that calls `talk(conversation, peer)` for each connection."""
    with ExitStack() as stack:

        def start(talk: Talk, *, tls: ssl.SSLContext | None = None) -> Peer:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            peer = Peer(f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}")
            threads: list[threading.Thread] = []
            live: set[socket.socket] = set()

            def converse(connection: socket.socket) -> None:
                connection.settimeout(SECONDS)
                try:
                    if tls is not None:
                        connection = tls.wrap_socket(connection, server_side=True)
                        live.add(connection)
                    conversation = Conversation(connection)
                    with suppress(OSError, ValueError):  # the client left
                        talk(conversation, peer)
                    conversation.close()
                except OSError:
                    connection.close()

            def accept() -> None:
                with suppress(OSError):  # closed: the test is over
                    while True:
                        connection, _ = listener.accept()
                        peer.connections += 1
                        live.add(connection)
                        threads.append(threading.Thread(target=converse, args=(connection,), daemon=True))
                        threads[-1].start()

            def stop() -> None:
                peer.over.set()
                for end in (listener, *live):
                    with suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)
                for thread in (acceptor, *threads):
                    thread.join(SECONDS)
                    assert not thread.is_alive()

            acceptor = threading.Thread(target=accept, daemon=True)
            acceptor.start()
            stack.callback(stop)
            return peer

        yield start


@pytest.fixture
def serve(serve_raw: Serve) -> Serve:
    """`serve(answer)`: a well-behaved server; `answer(request)` gives (status, headers, body)."""

    def start(answer: Callable[[Request], Any], *, tls: ssl.SSLContext | None = None) -> Peer:
        def talk(conversation: Conversation, peer: Peer) -> None:
            while (request := conversation.head()) is not None:
                request.body = conversation.body(request)
                peer.requests.append(request)
                status, headers, body = answer(request)
                conversation.answer(status, body, headers)

        return serve_raw(talk, tls=tls)

    return start


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate: its file, and what a server needs to show it."""

    file: Path
    context: ssl.SSLContext


_CA = """\
[ca]
default_ca = own
[own]
database = {folder}/index
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = policy
x509_extensions = extensions
[policy]
commonName = supplied
[extensions]
subjectAltName = {name}
basicConstraints = critical,CA:true
keyUsage = critical,digitalSignature,keyCertSign
subjectKeyIdentifier = hash
[req]
distinguished_name = name
[name]
"""


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Certificate]:
    """`certificate(name, start, end)`: made once for the same arguments; dates as YYYYMMDDHHMMSSZ."""
    made: dict[tuple[str, str, str], Certificate] = {}

    def make(name: str = "IP:127.0.0.1", start: str = "20200101000000Z", end: str = "20490101000000Z") -> Certificate:
        if (name, start, end) not in made:
            made[name, start, end] = _certificate(tmp_path_factory.mktemp("certificate"), name, start, end)
        return made[name, start, end]

    return make


def _certificate(folder: Path, name: str, start: str, end: str) -> Certificate:
    (folder / "ca.cnf").write_text(_CA.format(folder=folder, name=name))
    (folder / "index").touch()
    (folder / "serial").write_text("01\n")
    key, request, file = folder / "key.pem", folder / "request.pem", folder / "certificate.pem"
    config = ["-config", str(folder / "ca.cnf")]
    ask = [
        "openssl",
        "req",
        "-new",
        *config,
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        str(key),
        "-out",
        str(request),
    ]
    sign = ["openssl", "ca", "-batch", "-notext", "-selfsign", *config, "-in", str(request), "-keyfile", str(key)]
    dates = ["-startdate", start, "-enddate", end, "-out", str(file)]
    for command in ([*ask, "-subj", "/CN=somebody"], [*sign, *dates]):
        subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    return Certificate(file, context)
