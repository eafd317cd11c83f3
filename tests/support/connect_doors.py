"""A door as `hfpush run` opens it, and a server behind it that is not at a loopback name: hub.test, through a proxy."""

from __future__ import annotations

import base64
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from support.proxies import ProxyServer, running

from hfpush.bridge.connect_door import Door, Limits, connect_door
from hfpush.bridge.reach import Reach
from hfpush.net.routes import Routes

SECONDS = 20.0
_RESET = struct.pack("ii", 1, 0)


@contextmanager
def door_to(
    port: int, limits: Limits | None = None, *, kind: str = "http", login: tuple[str, str] | None = None
) -> Iterator[tuple[Door, ProxyServer]]:
    """A door through whose proxy hub.test is this port of the machine, whichever port is asked for."""
    with running(ProxyServer(kind, login=login, hosts={"hub.test": ("127.0.0.1", port)})) as proxy:
        named = proxy.url_with_login if login else proxy.url
        with connect_door(Reach(Routes.of({"all_proxy": named}), 5.0), limits) as door:
            yield door, proxy


@contextmanager
def serving(answer: Callable[[socket.socket, int], None]) -> Iterator[int]:
    """A server on a free port: `answer` gets each connection with its number, in a thread, and need not close it."""
    threads: list[threading.Thread] = []

    def serve(client: socket.socket, number: int) -> None:
        with client, suppress(OSError):
            client.settimeout(SECONDS)
            answer(client, number)

    def accept(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threads.append(threading.Thread(target=serve, args=(client, len(threads)), daemon=True))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepting = threading.Thread(target=accept, args=(listener,), daemon=True)
        accepting.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for thread in (accepting, *threads):
                thread.join(SECONDS)


def reset(connection: socket.socket) -> None:
    """Let its end be a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


def ask(door: Door, *lines: str, body: bytes = b"", login: bool = True) -> socket.socket:
    """A connection to the door that has said this head, with the door's login."""
    parts = urlsplit(door.url)
    connection = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=SECONDS)
    secret = base64.b64encode(f"{parts.username}:{parts.password}".encode()).decode()
    fields = [f"Proxy-Authorization: Basic {secret}"] if login else []
    connection.sendall("\r\n".join([*lines, *fields, "", ""]).encode("latin-1") + body)
    return connection


def answer_of(connection: socket.socket) -> bytes:
    """Everything that comes until the end."""
    data = b""
    while piece := connection.recv(65536):
        data += piece
    return data


def head_of(connection: socket.socket) -> bytes:
    """An answer's head, and not a byte more."""
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            return data
        data += byte
    return data
