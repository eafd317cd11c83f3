"""One question for a name server, and its answer, as far as we look at it (RFC 1035). Pure."""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass

_A, _IN = 1, 1
_RECURSE = 0x0100
_IS_ANSWER = 0x8000
_CODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}


@dataclass(frozen=True)
class Reply:
    """The name of its code, and the IPv4 addresses in it."""

    code: str
    addresses: tuple[str, ...] = ()


def question(host: str, number: int) -> bytes:
    """The question for a host's IPv4 addresses, `number` (16 bits) being what its answer is known by.

    Raises ValueError for what is no name.
    """
    labels = host.rstrip(".").encode("idna").split(b".")
    if not all(0 < len(label) < 64 for label in labels):
        raise ValueError("a label is empty or too long")
    name = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    return struct.pack("!6H", number, _RECURSE, 1, 0, 0, 0) + name + struct.pack("!2H", _A, _IN)


def parse_reply(data: bytes, asked: bytes) -> Reply | None:
    """The reply to the question `asked`; None for what is none, or is another one's. What is cut short in it gives
    fewer addresses."""
    if len(data) < 12 or data[:2] != asked[:2]:
        return None
    flags, questions, answers = struct.unpack("!3H", data[2:8])
    if not flags & _IS_ANSWER:
        return None
    if questions and data[12 : len(asked)].lower() != asked[12:].lower():
        return None
    code = _CODES.get(flags & 15, f"code {flags & 15}")
    return Reply(code, _addresses(data, len(asked) if questions else 12, answers))


def _addresses(data: bytes, at: int, count: int) -> tuple[str, ...]:
    found = []
    for _ in range(count):
        at = _after_name(data, at)
        if at + 10 > len(data):
            break
        kind, sort, _, length = struct.unpack("!2HIH", data[at : at + 10])
        body = data[at + 10 : at + 10 + length]
        if (kind, sort) == (_A, _IN) and len(body) == 4:
            found.append(str(ipaddress.IPv4Address(body)))
        at += 10 + length
    return tuple(found)


def _after_name(data: bytes, at: int) -> int:
    while at < len(data):
        length = data[at]
        if length == 0:
            return at + 1
        if length >= 0xC0:  # the rest stands elsewhere
            return at + 2
        at += 1 + length
    return at
