"""A server that does its worst to whoever asks it: answers without end, huge ones, slow ones, deep ones.

It speaks HTTP as far as the request's end, and then, or at once where `at_once` is set, what its manner is.
"""

from __future__ import annotations

import json
import socket
import socketserver
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

SECONDS = 30.0
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_BLOCK = b"A" * 65536
ESCAPES = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e"


def _forever(send: Callable[[bytes], None], data: bytes, pause: float = 0.0) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        send(data)
        if pause:
            time.sleep(pause)


def _bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([*(packer.compress(b" " * 1_000_000) for _ in range(300)), packer.flush()])


def _deep(count: int) -> bytes:
    body = b'{"objects":' + b"[" * count + b"]" * count + b"}"
    return _HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body


def _strange() -> bytes:
    text = ESCAPES.encode()
    body = json.dumps({"error": f"bad {ESCAPES}", "message": ESCAPES, "name": ESCAPES}, ensure_ascii=False).encode()
    head = (
        b"HTTP/1.1 403 " + text + b"\r\nServer: " + text + b"\r\nX-Error-Code: " + text + b"\r\nContent-Type: " + text
    )
    return head + b"\r\nX-Error-Message: " + text + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def _many_objects() -> bytes:
    body = b'{"objects": [' + b",".join([b'{"oid": "x", "actions": {}}'] * 200_000) + b"]}"
    return _HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body


class HostileServer:
    """`url` is where it listens while it runs; `asked` how many connections came."""

    def __init__(self, manner: str, port: int = 0) -> None:
        self.manner, self.url, self.port, self.asked = manner, "", port, 0
        self._once = {"deep": lambda: _deep(10_000), "deeper": lambda: _deep(3_000_000), "strange": _strange}
        self._once["objects"] = _many_objects
        self._bytes = self._once[manner]() if manner in self._once else b""
        self._bomb = _bomb() if manner == "bomb" else b""

    @contextmanager
    def running(self) -> Iterator[HostileServer]:
        mine = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                mine.asked += 1
                with suppress(OSError):
                    self.request.settimeout(SECONDS)
                    mine.treat(self.request)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            block_on_close = False
            allow_reuse_address = True
            request_queue_size = 128

        with Server(("127.0.0.1", self.port), Handler) as server:
            self.port = server.server_address[1]
            self.url = f"http://127.0.0.1:{self.port}"
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
            yield self
            server.shutdown()

    def treat(self, connection: socket.socket) -> None:
        """One connection, in this server's manner."""
        send = connection.sendall
        if self.manner == "noise":
            return _forever(send, b"\x00\xff\x16\x03\x01" + _BLOCK)
        if self.manner == "drops":
            return _forever(send, b"\x05", 1.0)
        if self.manner == "silence":
            connection.recv(1)
            return time.sleep(SECONDS)
        _request(connection)
        if self._bytes:
            return send(self._bytes)
        match self.manner:
            case "body":
                send(_HEAD + b"\r\n")
                _forever(send, _BLOCK)
            case "chunks":
                send(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
                _forever(send, b"10000\r\n" + _BLOCK + b"\r\n")
            case "tiny-chunks":
                send(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
                _forever(send, b"1\r\nA\r\n" * 1000)
            case "head":
                send(_HEAD)
                _forever(send, b"X-More: " + b"A" * 60 + b"\r\n")
            case "line":
                send(b"HTTP/1.1 200 ")
                _forever(send, _BLOCK)
            case "interim":
                _forever(send, b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
            case "bomb":
                send(_HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(self._bomb) + self._bomb)
            case "slow-head":
                for letter in (b"%c" % one for one in b"HTTP/1.1 200 OK and so on and on"):
                    send(letter)
                    time.sleep(1)
            case "slow-body":
                send(_HEAD + b"Content-Length: 100000\r\n\r\n")
                _forever(send, b"{", 1.0)
            case "slow-lines":
                send(b"HTTP/1.1 200 OK\r\n")
                _forever(send, b"X-A: b\r\n", 1.0)
            case "around":
                send(b"HTTP/1.1 302 Found\r\nLocation: /%d\r\nContent-Length: 0\r\n\r\n" % time.monotonic_ns())
            case _:
                raise ValueError(self.manner)
        return None


def _request(connection: socket.socket) -> None:
    """Read to the end of a request's head."""
    held = b""
    while b"\r\n\r\n" not in held and len(held) < 1 << 20:
        more = connection.recv(65536)
        if not more:
            return
        held += more
