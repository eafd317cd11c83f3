"""What stands before a server on a stage: it takes TLS off, passes bytes on both ways, and has the faults of a path.

Each connection has a thread. The faults are decided by the connection's number or by bytes counted, never by chance.
"""

from __future__ import annotations

import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from urllib.parse import urlsplit

SECONDS = 60.0
_BLOCK = 1 << 16
_RESET = struct.pack("ii", 1, 0)


class Front:
    """Passes what comes to `listeners` on to `door` (a URL), without TLS if there is no `context`.

    `door_here` is one more way in, on this machine's loopback: for proxies that run in this process.
    """

    def __init__(self, listeners: Sequence[socket.socket], door: str, context: ssl.SSLContext | None = None) -> None:
        target = urlsplit(door)
        self._target = (target.hostname or "", target.port or 80)
        self._context = context
        self._listeners = [*listeners, socket.create_server(("127.0.0.1", 0))]
        self.door: tuple[str, int] = self._listeners[-1].getsockname()[:2]
        self.connections = 0
        self.resets = 0
        self.sent = 0
        """Bytes passed on to the server."""
        self._reset: Callable[[int, bytes], bool] = lambda number, hello: False
        self.late = 0.0
        """Seconds that pass before anything is done with a connection's first bytes."""
        self._away_at: int | None = None
        self._away_seconds = 0.0
        self._back = 0.0
        self._lock = threading.Lock()
        self._live: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Front:
        self._begin([threading.Thread(target=self._accept, args=(one,), daemon=True) for one in self._listeners])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for listener in self._listeners:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self._cut_all()
        for thread in self._threads:
            thread.join(SECONDS)

    def reset_handshakes(self, pattern: str) -> None:
        """Reset connections once their ClientHello is here: those whose number has a `1` in the repeated pattern."""
        self._reset = lambda number, hello: pattern[number % len(pattern)] == "1"

    def reset_hellos(self, unwanted: Callable[[bytes], bool]) -> None:
        """Reset connections whose ClientHello is `unwanted`."""
        self._reset = lambda number, hello: unwanted(hello)

    def away(self, at: int, seconds: float) -> None:
        """Once `at` more bytes have gone to the server: cut everything, and reset all that comes for `seconds`."""
        with self._lock:
            self._away_at, self._away_seconds = self.sent + at, seconds

    def back(self) -> None:
        """No longer away."""
        with self._lock:
            self._away_at, self._back = None, 0.0

    # ------------------------------------------------------------------ connections

    def _begin(self, threads: Sequence[threading.Thread]) -> None:
        with self._lock:
            self._threads = [one for one in self._threads if one.is_alive()] + list(threads)
        for thread in threads:
            thread.start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                self._begin([threading.Thread(target=self._serve, args=(client,), daemon=True)])

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client, self._kept(client):
            client.settimeout(SECONDS)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            hello = client.recv(4096, socket.MSG_PEEK)
            time.sleep(self.late)
            with self._lock:
                number, self.connections = self.connections, self.connections + 1
                refused = bool(hello) and (time.monotonic() < self._back or self._reset(number, hello))
                self.resets += refused
            if refused:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                return
            with socket.create_connection(self._target, timeout=SECONDS) as server, self._kept(server):
                server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self._context is None:
                    self._pass_on(client, server)
                    return
                with self._context.wrap_socket(client, server_side=True) as secure, self._kept(secure):
                    self._pass_on(secure, server)

    def _kept(self, end: socket.socket) -> _Kept:
        return _Kept(self._live, end)

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        try:
            while True:
                waiting = isinstance(client, ssl.SSLSocket) and client.pending()
                ready = [client] if waiting else select.select([client, server], [], [], SECONDS)[0]
                if client in ready:
                    data = client.recv(_BLOCK)
                    if not data:
                        return
                    self._count(len(data))
                    server.sendall(data)
                if server in ready:
                    data = server.recv(_BLOCK)
                    if not data:
                        break
                    client.sendall(data)
                if not ready:
                    return
        except ConnectionResetError:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            raise
        if isinstance(client, ssl.SSLSocket):
            client.settimeout(0.5)
            client.unwrap()

    def _count(self, bytes: int) -> None:
        with self._lock:
            self.sent += bytes
            if self._away_at is None or self.sent < self._away_at:
                return
            self._away_at, self._back = None, time.monotonic() + self._away_seconds
        self._cut_all()
        raise ConnectionResetError

    def _cut_all(self) -> None:
        for end in list(self._live):
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                socket.socket.shutdown(end, socket.SHUT_RDWR)  # an SSLSocket's own takes TLS off another thread's hands


class _Kept:
    """A connection among the live ones, as long as it is entered."""

    def __init__(self, live: set[socket.socket], end: socket.socket) -> None:
        self._live, self._end = live, end

    def __enter__(self) -> None:
        self._live.add(self._end)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.discard(self._end)
