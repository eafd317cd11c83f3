"""A front that offers HTTP/2 and does one thing wrong with it; who speaks HTTP/1.1 gets through to the Hub."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress

from support.front import Front

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_INTERNAL_ERROR = 2
_STATUS_401 = b"\x48\x03401"  # a literal with the static table's name 8, :status (RFC 7541)
HOW = ("reset", "goaway", "close", "silent", "half", "garbage", "well", "refuse-http2")


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


class Http2Front(Front):
    """`how` is one of HOW: what happens to the first request by HTTP/2."""

    def __init__(self, listeners: Sequence[socket.socket], door: str, context: ssl.SSLContext, how: str) -> None:
        assert how in HOW
        context.set_alpn_protocols(["h2", "http/1.1"])
        super().__init__(listeners, door, context)
        self._how = how

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        if isinstance(client, ssl.SSLSocket) and client.selected_alpn_protocol() == "h2":
            self._break(client)
        else:
            super()._pass_on(client, server)

    def _break(self, client: socket.socket) -> None:
        held = b""
        while len(held) < len(PREFACE) or not _has_request(held[len(PREFACE) :]):
            data = client.recv(65536)
            if not data:
                return
            held += data
        settings, head = frame(4, 0, 0), frame(1, 4, 1, _STATUS_401)
        error = _INTERNAL_ERROR.to_bytes(4, "big")
        says = {
            "reset": settings + frame(3, 0, 1, error),
            "goaway": settings + frame(7, 0, 0, (1).to_bytes(4, "big") + error),
            "close": settings,
            "silent": settings,
            "half": settings + head + frame(0, 0, 1, b"{"),
            "garbage": b"HTTP/1.1 400 Bad Request\r\n\r\n",
            "well": settings + frame(6, 0, 0, b"01234567") + head + frame(0, 1, 1, b"{}"),
            "refuse-http2": settings + frame(7, 0, 0, bytes(4) + (13).to_bytes(4, "big")),
        }
        client.sendall(says[self._how])
        if self._how == "close":
            return
        with suppress(OSError):
            while client.recv(65536):
                pass


def _has_request(data: bytes) -> bool:
    """Whether a whole HEADERS frame is there."""
    while len(data) >= 9:
        length = int.from_bytes(data[:3], "big")
        if data[3] == 1 and len(data) >= 9 + length:
            return True
        data = data[9 + length :]
    return False
