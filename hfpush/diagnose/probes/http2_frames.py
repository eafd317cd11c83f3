"""As much of HTTP/2 (RFC 9113) as one request takes: its bytes, and what comes back, frame by frame. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
_END_STREAM, _END_HEADERS, _ACK = 1, 4, 1
_LONGEST = 1 << 20
_GET, _HTTPS = 2, 7
"""Entries of HPACK's static table (RFC 7541, appendix A): `:method GET`, `:scheme https`."""
_AUTHORITY, _PATH, _USER_AGENT = 1, 4, 58


@dataclass(frozen=True)
class Frame:
    """One frame, whole."""

    kind: int
    flags: int
    stream: int
    payload: bytes

    @property
    def ends(self) -> bool:
        """Whether it is the last one of its stream's answer."""
        return self.kind in (DATA, HEADERS) and bool(self.flags & _END_STREAM)

    @property
    def is_ack(self) -> bool:
        """Whether it only says that ours has come."""
        return self.kind in (SETTINGS, PING) and bool(self.flags & _ACK)

    @property
    def error(self) -> int | None:
        """The error code of a RST_STREAM or a GOAWAY; None for all others."""
        if self.kind == RST_STREAM and len(self.payload) >= 4:
            return int.from_bytes(self.payload[:4], "big")
        if self.kind == GOAWAY and len(self.payload) >= 8:
            return int.from_bytes(self.payload[4:8], "big")
        return None


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """The bytes of a frame."""
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def request(host: str, path: str, agent: str) -> bytes:
    """Everything that a client sends for a GET of `path`: the preface, its settings, and the request on stream 1."""
    block = bytes((0x80 | _GET, 0x80 | _HTTPS))
    block += _literal(_AUTHORITY, host) + _literal(_PATH, path) + _literal(_USER_AGENT, agent)
    return PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, _END_STREAM | _END_HEADERS, 1, block)


def answer_to(one: Frame) -> bytes:
    """What a client has to send back to a frame, so that the other side goes on."""
    if one.kind == SETTINGS and not one.is_ack:
        return frame(SETTINGS, _ACK, 0)
    if one.kind == PING and not one.is_ack:
        return frame(PING, _ACK, 0, one.payload)
    if one.kind == DATA and one.payload:
        more = len(one.payload).to_bytes(4, "big")
        return frame(WINDOW_UPDATE, 0, 0, more) + frame(WINDOW_UPDATE, 0, one.stream, more)
    return b""


class Frames:
    """Bytes in, frames out."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are whole now. Raises ValueError for what cannot be HTTP/2."""
        self._held += data
        while len(self._held) >= 9:
            length = int.from_bytes(self._held[:3], "big")
            if length > _LONGEST:
                raise ValueError("a frame is longer than we allow")
            if len(self._held) < 9 + length:
                return
            head, payload = bytes(self._held[:9]), bytes(self._held[9 : 9 + length])
            del self._held[: 9 + length]
            yield Frame(head[3], head[4], int.from_bytes(head[5:9], "big") & 0x7FFFFFFF, payload)


def _literal(name: int, value: str) -> bytes:
    """A header field of the static table's `name`, not to be remembered (RFC 7541, 6.2.2), without Huffman's code."""
    text = value.encode("ascii")
    return _number(name, 4, 0x00) + _number(len(text), 7, 0x00) + text


def _number(value: int, bits: int, pattern: int) -> bytes:
    """An integer with a prefix of `bits` bits (RFC 7541, 5.1)."""
    most = (1 << bits) - 1
    if value < most:
        return bytes((pattern | value,))
    out, value = bytearray((pattern | most,)), value - most
    while value >= 128:
        out.append(value % 128 + 128)
        value //= 128
    out.append(value)
    return bytes(out)
