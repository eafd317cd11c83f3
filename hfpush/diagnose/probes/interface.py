"""By which network interface does a connection leave, and how large are the packets that it takes? Linux only."""

from __future__ import annotations

import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path

_GET_ADDRESS, _GET_MTU = 0x8915, 0x8921  # SIOCGIFADDR, SIOCGIFMTU of linux/sockios.h
_SIX = Path("/proc/net/if_inet6")


def interface_of(connection: socket.socket) -> tuple[str, int]:
    """The name of the interface that has the connection's own address, and its MTU in bytes; `("", 0)` where that
    cannot be told."""
    if sys.platform != "linux" or connection.family not in (socket.AF_INET, socket.AF_INET6):
        return "", 0
    with suppress(OSError):
        own = str(connection.getsockname()[0]).partition("%")[0]
        names = [name for _, name in socket.if_nameindex()]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            found = _of_six(own) if ":" in own else next((one for one in names if _four(asking, one) == own), "")
            return (found, _mtu(asking, found)) if found else ("", 0)
    return "", 0


def _request(asking: socket.socket, number: int, name: str) -> bytes:
    import fcntl  # not on every system

    return fcntl.ioctl(asking.fileno(), number, struct.pack("256s", name.encode()[:15]))


def _four(asking: socket.socket, name: str) -> str:
    with suppress(OSError):  # it has none
        return socket.inet_ntoa(_request(asking, _GET_ADDRESS, name)[20:24])
    return ""


def _mtu(asking: socket.socket, name: str) -> int:
    found: tuple[int] = struct.unpack("i", _request(asking, _GET_MTU, name)[16:20])
    return found[0]


def _of_six(address: str) -> str:
    wanted = socket.inet_pton(socket.AF_INET6, address).hex()
    lines = _SIX.read_text("ascii", "replace").splitlines()
    return next((words[5] for words in map(str.split, lines) if len(words) > 5 and words[0] == wanted), "")
