"""What stands before a Hub and answers some requests itself: a portal, a mirror, a proxy of a company.

Each connection carries one request. What is not answered here goes on to the Hub, byte for byte, but for what a row
wants otherwise: without a path prefix, and with the `Date` of a clock that is wrong.
"""

from __future__ import annotations

import re
import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from types import TracebackType
from urllib.parse import urlsplit

SECONDS = 20.0
_BLOCK = 1 << 16
_REASONS = {200: "OK", 302: "Found", 307: "Temporary Redirect", 308: "Permanent Redirect", 401: "Unauthorized"}


@dataclass(frozen=True)
class Given:
    """An answer that is made here."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    def bytes(self, date: str) -> bytes:
        lines = [f"HTTP/1.1 {self.status} {_REASONS.get(self.status, 'Said')}", "Connection: close"]
        lines += [f"Content-Length: {len(self.body)}", f"Date: {date}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


Answer = Callable[[str, str, dict[str, str]], Given | None]
"""Method, path with its query, and headers (names in lower case); None: the Hub's to answer."""

LOGIN_PAGE = Given(
    200,
    b"<!DOCTYPE html><html><head><title>Hotel Wi-Fi: log in</title></head>"
    b"<body><form action='/login'><input type='password' name='room'></form></body></html>",
    {"Content-Type": "text/html; charset=utf-8"},
)


def page(words: str, status: int = 200) -> Given:
    """A web page that wants nothing of anybody."""
    return Given(status, f"<html><body>{words}</body></html>".encode(), {"Content-Type": "text/html"})


def leads_to(url: str, status: int = 302) -> Given:
    """A redirect."""
    return Given(status, b"", {"Location": url})


class Answering:
    """A server on a port of its own, at `url`; `behind` the Hub's own address."""

    def __init__(self, answer: Answer, behind: str = "", *, prefix: str = "", clock: Callable[[], float] | None = None):
        self._answer, self._behind, self._prefix, self._clock = answer, urlsplit(behind), prefix, clock
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Answering:
        self._begin(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(SECONDS)

    def send_on_to(self, door: str) -> None:
        """Let what is not answered here go to the Hub at `door` from now on."""
        self._behind = urlsplit(door)

    def _begin(self, work: Callable[[], None]) -> None:
        self._threads = [one for one in self._threads if one.is_alive()]
        self._threads.append(threading.Thread(target=work, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                client.settimeout(SECONDS)
                self._begin(lambda client=client: self._serve(client))  # type: ignore[misc]

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            head, rest = _head(client)
            if not head:
                return
            first, *lines = head.decode("latin-1").split("\r\n")
            method, path, _ = first.split(" ", 2)
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
            self.asked.append((method, path, headers))
            given = self._answer(method, path, headers)
            if given is None and not path.startswith(self._prefix):
                given = page("there is nothing here", 404)
            if given is not None:
                client.sendall(given.bytes(self._date()))
                _to_the_end(client)
                return
            self._hand_over(client, method, path[len(self._prefix) :] or "/", lines, rest)

    def _hand_over(self, client: socket.socket, method: str, path: str, lines: list[str], rest: bytes) -> None:
        target = (self._behind.hostname or "", self._behind.port or 80)
        with socket.create_connection(target, timeout=SECONDS) as server:
            kept = [line for line in lines if line and not line.lower().startswith("connection:")]
            text = "\r\n".join([f"{method} {path} HTTP/1.1", *kept, "Connection: close", "", ""])
            server.sendall(text.encode("latin-1") + rest)
            begun = self._clock is None
            while True:
                for end in select.select([client, server], [], [], SECONDS)[0]:
                    if end is server and not begun:
                        head, rest = _head(server)
                        client.sendall(self._dated(head) + rest)
                        begun = True
                        continue
                    data = end.recv(_BLOCK)
                    if not data:
                        return
                    (server if end is client else client).sendall(data)

    def _dated(self, head: bytes) -> bytes:
        date = f"Date: {self._date()}".encode()
        return re.sub(rb"(?im)^date: [^\r\n]*", date, head) + b"\r\n\r\n"

    def _date(self) -> str:
        return formatdate(None if self._clock is None else self._clock(), usegmt=True)


def _head(end: socket.socket) -> tuple[bytes, bytes]:
    """The head of a message, without its end, and what came behind it."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = end.recv(_BLOCK)
        if not more:
            return b"", b""
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    return head, rest


def _to_the_end(client: socket.socket) -> None:
    """Take what was on its way, so that closing does not reset what was answered."""
    client.shutdown(socket.SHUT_WR)
    client.settimeout(1)
    while client.recv(_BLOCK):
        pass
