"""What the other side of a connection has really got: counted by the kernel, below TLS and below every buffer.

Bytes that `send` took may lie in this machine for minutes. Linux says how many of them were acknowledged (TCP_INFO,
since 4.1) and how many are still queued (SIOCOUTQ); other systems do not, and then there is None.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from dataclasses import dataclass

from hfpush.net.counts import Counts

_LINUX = sys.platform.startswith("linux")
_ROOM = 232
# struct tcp_info of linux/tcp.h: where each field begins
_U8 = {"state": 0, "retransmits": 2, "probes": 3}
_U32 = {"segment": 16, "unacked": 24, "rtt": 68, "all_retransmits": 100}
_U64 = {"acked": 120, "received": 128}
_WITH_BYTES = 136
# Of asm-generic/ioctls.h, as most architectures have them; where they differ, 0 is what comes back.
_SIOCOUTQ, _FIONREAD = 0x5411, 0x541B


@dataclass(frozen=True)
class Handle:
    """A connection, without holding it: its number in this process, and what tells it from a later one there."""

    number: int
    identity: int

    @classmethod
    def of(cls, connection: socket.socket) -> Handle | None:
        """The handle of an open connection. It stays good when TLS takes the socket over."""
        number = connection.fileno()
        return cls(number, _identity(number)) if number >= 0 else None

    @property
    def alive(self) -> bool:
        """Whether the connection is still open in this process."""
        try:
            return _identity(self.number) == self.identity
        except OSError:
            return False

    def counts(self) -> Counts | None:
        """The counters; None where the system does not say, or the connection is closed."""
        if not _LINUX or not self.alive:
            return None
        return counts_of(self.number)


def counts_of(number: int) -> Counts | None:
    """The counters of the connection with that file number; None where the system does not say."""
    if not _LINUX:
        return None
    borrowed = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, fileno=number)
    try:
        raw = borrowed.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _ROOM)
    except OSError:  # no TCP connection, or closed in the meantime
        return None
    finally:
        borrowed.detach()
    return None if len(raw) < _WITH_BYTES else _parsed(raw, _asked(number, _SIOCOUTQ), _asked(number, _FIONREAD))


def _parsed(raw: bytes, queued: int, unread: int) -> Counts:
    small = {name: raw[at] for name, at in _U8.items()}
    words = {name: struct.unpack_from("=I", raw, at)[0] for name, at in _U32.items()}
    long = {name: struct.unpack_from("=Q", raw, at)[0] for name, at in _U64.items()}
    closed = small.pop("state") == 7  # TCP_CLOSE
    return Counts(queued=queued, unread=unread, open=not closed, **small, **words, **long)


def _asked(number: int, what: int) -> int:
    import fcntl

    try:
        return int(struct.unpack("=i", fcntl.ioctl(number, what, b"\0\0\0\0"))[0])
    except OSError:
        return 0


def _identity(number: int) -> int:
    return os.fstat(number).st_ino  # of sockets, no two have the same while both exist
