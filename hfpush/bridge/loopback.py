"""A port of our own on 127.0.0.1: who comes gets a thread. What is spoken there is the caller's business.

Nothing here connects to anything, so that it works the same where a preloaded proxy wrapper takes every connection that
this process opens. Other users of the machine can reach the port: what listens must ask for a secret, and say so when
one was shown (`known`). Until then a connection is a stranger's: it has so many seconds in all, however steadily it
drips, and where there are too many of them the oldest makes room, so that nobody is kept out by those who only stand in
the way.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

_MOST_STRANGERS = 64
_MOST_KNOWN = 64
STRANGER_SECONDS = 20.0
_FAREWELL_SECONDS = 2.0


class Loopback:
    """Listens from its creation until `close`. `serve` is called with each connection in a thread of its own, and the
    connection is closed when it returns; `raised` with what it raises. A stranger has `stranger_seconds`."""

    def __init__(
        self,
        serve: Callable[[socket.socket], None],
        raised: Callable[[Exception], None],
        *,
        stranger_seconds: float = STRANGER_SECONDS,
    ) -> None:
        self._serve = serve
        self._raised = raised
        self._stranger_seconds = stranger_seconds
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, socket.socket] = {}
        self._strangers: dict[threading.Thread, float] = {}  # until when; the oldest first
        self._known: set[threading.Thread] = set()
        self._closed = False
        self._ear = socket.create_server(("127.0.0.1", 0), backlog=16)
        self._ear.setblocking(False)
        self._bell, self._pull = socket.socketpair()
        self._thread = threading.Thread(target=self._listen, name="loopback", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._ear.getsockname()[1]
        return port

    def known(self) -> None:
        """The connection that the calling thread serves has shown the secret: it may stay as long as it likes."""
        with self._lock:
            if self._strangers.pop(threading.current_thread(), None) is not None:
                self._known.add(threading.current_thread())

    def close(self) -> None:
        """Listen no more and end every connection; threads that are busy elsewhere are left to end by themselves."""
        self._pull.close()
        self._thread.join()
        with self._lock:
            self._closed = True
            left = dict(self._open)
        for connection in left.values():
            with suppress(OSError):  # it has ended meanwhile
                connection.shutdown(socket.SHUT_RDWR)
        for thread in left:
            thread.join(_FAREWELL_SECONDS)

    def _listen(self) -> None:
        with selectors.DefaultSelector() as selector, self._ear, self._bell:
            selector.register(self._ear, selectors.EVENT_READ)
            selector.register(self._bell, selectors.EVENT_READ)
            while True:
                ready = [key.fileobj for key, _ in selector.select(self._until_the_next())]
                if self._bell in ready:
                    return
                self._send_away()
                if self._ear in ready:
                    with suppress(OSError):  # whoever came is gone again
                        self._welcome(self._ear.accept()[0])

    def _until_the_next(self) -> float | None:
        """Seconds until a stranger has been here for too long; None where there is none."""
        with self._lock:
            oldest = next(iter(self._strangers.values()), None)
        return None if oldest is None else max(0.0, oldest - time.monotonic())

    def _send_away(self) -> None:
        """End the connections of strangers that have had their time."""
        now = time.monotonic()
        with self._lock:
            while self._strangers and next(iter(self._strangers.values())) <= now:
                self._end_the_oldest()

    def _end_the_oldest(self) -> None:
        """End the connection that has been a stranger's for the longest. Under the lock."""
        thread = next(iter(self._strangers))
        del self._strangers[thread]
        with suppress(OSError):  # it has ended meanwhile
            self._open[thread].shutdown(socket.SHUT_RDWR)  # its thread closes it

    def _welcome(self, connection: socket.socket) -> None:
        thread = threading.Thread(target=self._run, args=(connection,), name="loopback-connection", daemon=True)
        with self._lock:
            full = len(self._known) >= _MOST_KNOWN
            if not full:
                if len(self._strangers) >= _MOST_STRANGERS:
                    self._end_the_oldest()
                self._open[thread] = connection
                self._strangers[thread] = time.monotonic() + self._stranger_seconds
        if full:
            connection.close()
        else:
            connection.setblocking(True)
            thread.start()

    def _run(self, connection: socket.socket) -> None:
        try:
            with connection:
                self._serve(connection)
        except OSError:  # the other side is gone, or silent for too long: there is nobody to tell
            pass
        except Exception as error:  # noqa: BLE001  # handed to whoever listens
            self._raised(error)
        finally:
            with self._lock:
                self._strangers.pop(threading.current_thread(), None)
                self._known.discard(threading.current_thread())
                self._open.pop(threading.current_thread(), None)
