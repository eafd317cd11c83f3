"""A server on a port of its own that answers with whatever bytes a test wants."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Origin:
    """A server of one thread per connection; `answer(head)` gives the bytes to send, or None to hang up."""

    url: str
    connections: int = 0
    heads: list[str] = field(default_factory=list)


@contextmanager
def origin(
    answer: Callable[[str], list[bytes] | None], *, hang_up: bool = False, tls: ssl.SSLContext | None = None
) -> Iterator[Origin]:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(20)
    seen = Origin(f"http{'s' if tls else ''}://127.0.0.1:{listener.getsockname()[1]}")
    over = threading.Event()
    threads: list[threading.Thread] = []
    open_now: list[socket.socket] = []

    def serve(connection: socket.socket) -> None:
        with connection:
            connection.settimeout(20)
            while True:
                head = b""
                while b"\r\n\r\n" not in head:
                    try:
                        data = connection.recv(65536)
                    except OSError:
                        return
                    if not data:
                        return
                    head += data
                seen.heads.append(head.decode())
                pieces = answer(head.decode())
                if pieces is None:
                    return
                try:
                    for piece in pieces:
                        connection.sendall(piece)
                        if piece == b"":
                            over.wait(10)  # stands still until the test ends
                except OSError:
                    return
                if hang_up:
                    return

    def accept() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            if over.is_set():
                connection.close()
                return
            seen.connections += 1
            if tls is not None:
                connection = tls.wrap_socket(connection, server_side=True)
            open_now.append(connection)
            threads.append(threading.Thread(target=serve, args=(connection,), daemon=True))
            threads[-1].start()

    door = threading.Thread(target=accept, daemon=True)
    door.start()
    try:
        yield seen
    finally:
        over.set()
        with socket.create_connection(listener.getsockname()[:2]):
            pass
        door.join(10)
        listener.close()
        for connection in open_now:
            with suppress(OSError):  # over already
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(10)


def answer(body: bytes, *, status: str = "200 OK", length: int | None = -1, **headers: str) -> list[bytes]:
    lines = [f"HTTP/1.1 {status}"]
    if length is not None:
        lines.append(f"Content-Length: {len(body) if length == -1 else length}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    whole = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    return [piece for piece in (whole[:1000], whole[1000:]) if piece]


def chunked(body: bytes, *, end: bytes = b"0\r\n\r\n") -> list[bytes]:
    pieces = [body[at : at + 5000] for at in range(0, len(body), 5000)]
    framed = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + framed + end]
