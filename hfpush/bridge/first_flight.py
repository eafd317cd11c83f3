"""May what a client has said so far be said again to another connection? Pure.

A TLS client speaks first, and its first flight (a ClientHello) asks for nothing but an answer: it may be said to a new
connection as it was said to the one before. Of everything else nobody knows: plain HTTP may be an order, and a TLS 1.3
client may send early data behind its hello, which a server may already have acted on (RFC 8446, 8).
"""

from __future__ import annotations

MOST_BYTES = 65_536
"""More than that is no first flight: a ClientHello with large key shares has about 2 kB."""

_CHANGE_CIPHER_SPEC, _HANDSHAKE = 0x14, 0x16
_RECORD_HEAD = 5  # type, version (2), length (2)


def may_be_repeated(said: bytes) -> bool:
    """Whether `said`, everything that a client has sent, is a first flight of TLS or the beginning of one."""
    if not said or said[0] != _HANDSHAKE or len(said) > MOST_BYTES:
        return False
    at = 0
    while at < len(said):
        if said[at] not in (_HANDSHAKE, _CHANGE_CIPHER_SPEC) or said[at + 1 : at + 2] not in (b"", b"\x03"):
            return False
        if at + _RECORD_HEAD > len(said):
            return True
        at += _RECORD_HEAD + int.from_bytes(said[at + 3 : at + _RECORD_HEAD], "big")
    return True
