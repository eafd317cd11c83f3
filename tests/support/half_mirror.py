"""A mirror in front of a Hub that carries only half of it: a reverse proxy, with an option for each misbehaviour.

It hands bodies on as they are, so addresses in them name the Hub and its storage.
"""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP = {"connection", "transfer-encoding", "keep-alive", "te", "trailer", "upgrade", "content-length", "host"}
PAGE = b"<html><body>Just a moment...</body></html>"


@dataclass
class HalfMirror:
    """What it does with a request whose `METHOD path` a pattern is found in. `url` and `asked` are for the test to
    read: every request as (method, path, whether it carried a token)."""

    hub: str
    hands_over: str | None = None
    """308 to the same path at the Hub."""
    hands_over_to: str | None = None
    """Where to, if not to the Hub."""
    lacks: str | None = None
    """404, as of a server that was not made for it."""
    page: str | None = None
    """An HTML page with 200."""
    half: str | None = None
    """JSON that ends in the middle, with a Content-Length that fits."""
    cut: str | None = None
    """The connection ends in the middle of the answer."""
    times: int | None = None
    """How many requests are hit, None for all."""
    renames: tuple[str, str] | None = None
    """A text in JSON, and what it becomes."""
    edits: Callable[[bytes], bytes] | None = None
    """What becomes of any JSON."""
    url: str = ""
    asked: list[tuple[str, str, bool]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def hit(self, pattern: str | None, request: str) -> bool:
        """Whether a request is one that the pattern is about, and one more may be hit."""
        if pattern is None or re.search(pattern, request) is None:
            return False
        with self._lock:
            if self.times is None:
                return True
            self.times -= 1
            return self.times >= 0

    def paths(self, pattern: str) -> list[str]:
        """The requests that a pattern is found in."""
        return [f"{method} {path}" for method, path, _ in self.asked if re.search(pattern, f"{method} {path}")]


@contextmanager
def half_mirror(hub: str, **options: object) -> Iterator[HalfMirror]:
    """A mirror in front of the Hub at the URL `hub`."""
    mirror = HalfMirror(hub, **options)  # type: ignore[arg-type]

    class Handler(_Handler):
        half = mirror

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        mirror.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield mirror
        finally:
            server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    half: HalfMirror
    timeout = 10

    def carry(self) -> None:
        mirror, body = self.half, self._body()
        request = f"{self.command} {self.path}"
        mirror.asked.append((self.command, self.path, "Authorization" in self.headers))
        if mirror.hit(mirror.hands_over, request):
            self._answer(308, {"Location": (mirror.hands_over_to or mirror.hub) + self.path}, b"")
        elif mirror.hit(mirror.lacks, request):
            self._answer(404, {"Content-Type": "text/plain"}, b"404 page not found")
        elif mirror.hit(mirror.page, request):
            self._answer(200, {"Content-Type": "text/html; charset=utf-8"}, PAGE)
        else:
            self._forward(body)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = carry

    def _forward(self, body: bytes) -> None:
        mirror, to = self.half, urlsplit(self.half.hub)
        assert to.hostname is not None
        connection = http.client.HTTPConnection(to.hostname, to.port, timeout=30)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
            connection.request(self.command, self.path, body=body or None, headers=headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        headers = {name: value for name, value in answer.getheaders() if name.lower() not in HOP}
        request = f"{self.command} {self.path}"
        if mirror.renames is not None and "json" in headers.get("Content-Type", ""):
            content = content.replace(*(text.encode() for text in mirror.renames))
        if mirror.edits is not None and "json" in headers.get("Content-Type", ""):
            content = mirror.edits(content)
        length = len(content)
        if mirror.hit(mirror.half, request):
            content = content[: length // 2]
            length = len(content)
        elif mirror.hit(mirror.cut, request):
            content = content[: length // 2]
            self.close_connection = True
        if self.command == "HEAD":
            length = int(answer.getheader("Content-Length") or 0)
        self._answer(answer.status, headers, content, length)

    def _answer(self, status: int, headers: dict[str, str], content: bytes, length: int | None = None) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        pieces = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""
