"""What a server's first bytes amount to in a TLS handshake, read record by record (RFC 8446, 5.1). Pure.

A TLS library says that a handshake failed, each in words of its own; the bytes say what the other side did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hfpush.net.redact import redact

Kind = Literal["nothing", "tls", "alert", "plaintext", "garbage"]
_HANDSHAKE, _ALERT = 22, 21
_TYPES = range(20, 25)
_SERVER_HELLO = 2
_LONGEST = (1 << 14) + 2048
_HEAD = 5
_SHOWN = 60
VERSIONS = {0x0300: "SSL 3.0", 0x0301: "TLS 1.0", 0x0302: "TLS 1.1", 0x0303: "TLS 1.2", 0x0304: "TLS 1.3"}
"""Versions by their numbers on the wire."""


@dataclass(frozen=True)
class Said:
    """`alert` is the number of the first alert that is not encrypted. `version` is that of a ServerHello, without what
    TLS 1.3 puts into its extensions. `began_with` is the first line of plain text."""

    kind: Kind
    alert: int = 0
    version: str = ""
    began_with: str = ""


def what_came(data: bytes) -> Said:
    """What all that a server sent amounts to, complete or not."""
    if not data:
        return Said("nothing")
    if not _is_record(data):
        text = _text(data)
        return Said("plaintext", began_with=text) if text else Said("garbage", began_with=data[:8].hex(" "))
    version, at = "", 0
    while len(data) - at >= _HEAD and _is_record(data[at:]):
        length = int.from_bytes(data[at + 3 : at + _HEAD], "big")
        body = data[at + _HEAD : at + _HEAD + length]
        if data[at] == _ALERT and len(body) == length == 2:
            return Said("alert", alert=body[1], version=version)
        if data[at] == _HANDSHAKE and body[:1] == bytes([_SERVER_HELLO]) and len(body) >= 6:
            version = version or VERSIONS.get(int.from_bytes(body[4:6], "big"), "")
        at += _HEAD + length
    return Said("tls", version=version)


def _is_record(data: bytes) -> bool:
    """Whether it begins like a record, as far as it goes."""
    if data[0] not in _TYPES or data[1:2] not in (b"", b"\x03") or (len(data) > 2 and data[2] > 4):
        return False
    return len(data) < _HEAD or int.from_bytes(data[3:_HEAD], "big") <= _LONGEST


def _text(data: bytes) -> str:
    """The first line where it is text, else nothing."""
    line = data[:200].splitlines()[0][:_SHOWN] if data[:200].splitlines() else b""
    if not line.strip() or any(byte < 0x20 or byte > 0x7E for byte in line):
        return ""
    return redact(line.decode("ascii"))
