"""Git's pkt-line, as the smart protocol over HTTP uses it: packets out of bytes that come in pieces. Pure.

Source: gitprotocol-common(5), gitprotocol-pack(5).
"""

from __future__ import annotations

import re

from hfpush.errors import Damaged

FLUSH = b"0000"
MAX_PAYLOAD = 65516
"""The most bytes that git puts into one packet."""
_LENGTH = re.compile(rb"[0-9a-fA-F]{4}")


def packet(payload: bytes) -> bytes:
    """The packet of a payload. Raises ValueError for one that is too long."""
    if len(payload) > MAX_PAYLOAD:
        raise ValueError("a packet holds at most 65516 bytes")
    return b"%04x" % (len(payload) + 4) + payload


class Packets:
    """Cuts a stream into packets. What was not yet enough for one is kept until more comes: `rest`."""

    def __init__(self) -> None:
        self.rest = b""

    def feed(self, data: bytes) -> list[bytes | None]:
        """The payloads that `data` completes, in order; None for each packet that marks an end (flush, delimiter).

        Raises Damaged for what is no packet.
        """
        self.rest += data
        found: list[bytes | None] = []
        at = 0
        while len(self.rest) - at >= 4:
            head = self.rest[at : at + 4]
            if not _LENGTH.fullmatch(head):
                raise _broken(head)
            length = int(head, 16)
            if length < 3:
                found.append(None)
                at += 4
            elif length == 3:
                raise _broken(head)
            elif len(self.rest) - at < length:
                break
            else:
                found.append(self.rest[at + 4 : at + length])
                at += length
        self.rest = self.rest[at:]
        return found


def _broken(head: bytes) -> Damaged:
    return Damaged.of(
        "not-a-hub",
        "The endpoint does not answer git as a Hub does.",
        seen=(f"{head!a} stands where the length of a packet must be",),
        to_try=("check the endpoint's URL, and what stands between it and this machine",),
    )
