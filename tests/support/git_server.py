"""A server that answers pushes as a test says, packet by packet: what a real git server does only seldom."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECONDS = 30


def line(payload: bytes) -> bytes:
    return b"%04x" % (len(payload) + 4) + payload


def push_of(ref: str, old: str, new: str, words: str = "report-status side-band-64k") -> bytes:
    """The body of a push of one ref, its pack cut short to nothing."""
    return line(f"{old} {new} {ref}\0 {words}".encode()) + b"0000PACK"


class GitServer:
    """`refs` are what it advertises. Each push is answered by the next of `plan`, which may change them; `seen` are the
    header lines of all requests, `bodies` the pushes."""

    def __init__(self, *plan: Callable[[Answering], None]) -> None:
        self.refs: dict[str, str] = {}
        self.plan = list(plan)
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.bodies: list[bytes] = []
        self.url = ""


class Answering(BaseHTTPRequestHandler):
    """One request under way. A plan says what it answers with `head`, `send` and `done`; without `done` it is cut."""

    protocol_version = "HTTP/1.1"
    git: GitServer

    def do_GET(self) -> None:
        self._note()
        service = self.path.rpartition("=")[2].encode()
        words = "\0report-status side-band-64k agent=test"
        found = [f"{id} {name}" for name, id in self.git.refs.items()] or [f"{'0' * 40} capabilities^{{}}"]
        refs = [line(f"{found[0]}{words}\n".encode()), *(line(f"{one}\n".encode()) for one in found[1:])]
        body = b"".join([line(b"# service=" + service + b"\n"), b"0000", *refs, b"0000"])
        self.send_response(200)
        self.send_header("Content-Type", f"application/x-{service.decode()}-advertisement")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self._note()
        self.git.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.close_connection = True
        self.git.plan.pop(0)(self)

    def head(self, kind: str = "application/x-git-receive-pack-result") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def send(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

    def done(self) -> None:
        self.wfile.write(b"0\r\n\r\n")

    def _note(self) -> None:
        self.git.seen.append((f"{self.command} {self.path}", {n.lower(): v for n, v in self.headers.items()}))

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def running(git: GitServer) -> Iterator[GitServer]:
    handler = type("Handler", (Answering,), {"git": git})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        git.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield git
        finally:
            server.shutdown()
            thread.join(SECONDS)
