"""A port of our own on 127.0.0.1: who comes gets a thread. What is spoken there is the caller's business.

Nothing here connects to anything, so that it works the same where a preloaded proxy wrapper takes every connection that
this process opens. Other users of the machine can reach the port: what listens must ask for a secret.
"""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

_MOST_AT_ONCE = 64
_FAREWELL_SECONDS = 2.0


class Loopback:
    """Listens from its creation until `close`. `serve` is called with each connection in a thread of its own, and the
    connection is closed when it returns; `raised` with what it raises."""

    def __init__(self, serve: Callable[[socket.socket], None], raised: Callable[[Exception], None]) -> None:
        self._serve = serve
        self._raised = raised
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, socket.socket] = {}
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
                ready = [key.fileobj for key, _ in selector.select()]
                if self._bell in ready:
                    return
                with suppress(OSError):  # whoever came is gone again
                    self._welcome(self._ear.accept()[0])

    def _welcome(self, connection: socket.socket) -> None:
        thread = threading.Thread(target=self._run, args=(connection,), name="loopback-connection", daemon=True)
        with self._lock:
            full = len(self._open) >= _MOST_AT_ONCE
            if not full:
                self._open[thread] = connection
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
                self._open.pop(threading.current_thread(), None)
