"""What answers a ClientHello as a test wants: resets, closes, says nothing, says something else, or speaks TLS.

Each manner of answering takes the connection, the ClientHello and the connection's number.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType

SECONDS = 30.0
_RESET = struct.pack("ii", 1, 0)
Manner = Callable[[socket.socket, bytes, int], None]


class TlsDoor:
    """Serves `listeners` (one of its own on loopback, with none) in one manner, each connection in a thread."""

    def __init__(self, manner: Manner, listeners: Sequence[socket.socket] = ()) -> None:
        self._manner = manner
        self._listeners = list(listeners) or [socket.create_server(("127.0.0.1", 0))]
        self.port: int = self._listeners[0].getsockname()[1]
        self.hellos: list[bytes] = []
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> TlsDoor:
        for listener in self._listeners:
            self._begin(self._accept, listener)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for listener in self._listeners:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for one in list(self._open):
            with suppress(OSError):
                socket.socket.shutdown(one, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(SECONDS)

    def _begin(self, what: Callable[[socket.socket], None], one: socket.socket) -> None:
        thread = threading.Thread(target=what, args=(one,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                self._begin(self._serve, listener.accept()[0])

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.settimeout(SECONDS)
            hello = connection.recv(4096, socket.MSG_PEEK)
            if not hello:
                return
            with self._lock:
                number = len(self.hellos)
                self.hellos.append(hello)
                self._open.add(connection)
            try:
                self._manner(connection, hello, number)
            finally:
                self._open.discard(connection)


def resets(connection: socket.socket, hello: bytes, number: int) -> None:
    """A reset once the ClientHello is here."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


def closes(connection: socket.socket, hello: bytes, number: int) -> None:
    """The ordinary end of a connection, once the ClientHello is here."""
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(4096):
        pass


def is_silent(connection: socket.socket, hello: bytes, number: int) -> None:
    """Nothing, until the other side gives up."""
    while connection.recv(4096):
        pass


def says(words: bytes) -> Manner:
    """These bytes, and the end."""

    def manner(connection: socket.socket, hello: bytes, number: int) -> None:
        connection.recv(4096)
        connection.sendall(words)
        connection.shutdown(socket.SHUT_WR)
        is_silent(connection, hello, number)

    return manner


def alerts(alert: int) -> Manner:
    """A fatal alert."""
    return says(bytes([21, 3, 3, 0, 2, 2, alert]))


def says_half(context: ssl.SSLContext, bytes: int, then: Manner) -> Manner:
    """The first bytes of a ServerHello, and then something else."""

    def manner(connection: socket.socket, hello: bytes, number: int) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        incoming.write(connection.recv(4096))
        with suppress(ssl.SSLWantReadError):
            context.wrap_bio(incoming, outgoing, server_side=True).do_handshake()
        connection.sendall(outgoing.read()[:bytes])
        then(connection, hello, number)

    return manner


def speaks(context: ssl.SSLContext, answer: bytes = b"") -> Manner:
    """TLS, and `answer` to what is said then."""

    def manner(connection: socket.socket, hello: bytes, number: int) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            if secure.recv(4096) and answer:
                secure.sendall(answer)
                secure.settimeout(0.5)
                secure.unwrap()

    return manner


def for_name(name: str, manner: Manner, otherwise: Manner) -> Manner:
    """One manner for ClientHellos that hold a name, and another one for others."""

    def either(connection: socket.socket, hello: bytes, number: int) -> None:
        (manner if name.encode() in hello else otherwise)(connection, hello, number)

    return either


def in_turns(*manners: Manner) -> Manner:
    """One after the other, from the first again and again."""

    def one(connection: socket.socket, hello: bytes, number: int) -> None:
        manners[number % len(manners)](connection, hello, number)

    return one
