"""A name server that answers as a test wants it: with addresses, "there is no such name", "I fail", or not at all.

    with name_server({"hf.test": ["10.77.0.2"], "bad.test": "SERVFAIL", "gone.test": "silent"}) as port: …

On a stage it is a program of the world, and the client's only one:

    ask_in_the_world(stage, {"hf.test": ["10.77.0.2"]})     # the client's hosts file then names nobody

What is not named is answered with NXDOMAIN, or as the name `*` says.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from support.stage import Stage

PORT = 53
HOST, ADDRESS = "other.test", "10.77.0.7"
"""Where it is in the world."""
_CODES = {"NOERROR": 0, "SERVFAIL": 2, "NXDOMAIN": 3, "REFUSED": 5}
_FAMILIES = {1: socket.AF_INET, 28: socket.AF_INET6}

Names = Mapping[str, Sequence[str] | str]


def answer(names: Names, data: bytes) -> bytes | None:
    """The answer to a question, None for silence."""
    name, end = _name(data)
    said = names.get(name.lower(), names.get("*", "NXDOMAIN"))
    if said == "silent":
        return None
    code, addresses = (_CODES[said], ()) if isinstance(said, str) else (0, said)
    (kind,) = struct.unpack("!H", data[end : end + 2])
    found = [one for one in addresses if (":" in one) == (kind == 28)] if kind in _FAMILIES else []
    head = data[:2] + struct.pack("!5H", 0x8180 | code, 1, len(found), 0, 0)
    records = b""
    for one in found:
        packed = socket.inet_pton(_FAMILIES[kind], one)
        records += b"\xc0\x0c" + struct.pack("!2HIH", kind, 1, 1, len(packed)) + packed
    return head + data[12 : end + 4] + records


def _name(data: bytes) -> tuple[str, int]:
    labels, at = [], 12
    while data[at]:
        labels.append(data[at + 1 : at + 1 + data[at]].decode())
        at += 1 + data[at]
    return ".".join(labels), at + 1


def serve(one: socket.socket, names: Names) -> None:
    """Answer until the socket is closed."""
    with suppress(OSError):
        while True:
            data, asker = one.recvfrom(4096)
            if not data:
                return
            said = answer(names, data)
            if said is not None:
                one.sendto(said, asker)


@contextmanager
def name_server(names: Names, address: str = "127.0.0.1") -> Iterator[int]:
    """One on this machine, at a free port, which it gives."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((address, 0))
        thread = threading.Thread(target=serve, args=(one, names), daemon=True)
        thread.start()
        try:
            yield one.getsockname()[1]
        finally:
            one.sendto(b"", one.getsockname())
            thread.join(10)


def ask_in_the_world(stage: Stage, names: Names, *, hosts: Mapping[str, str] | None = None) -> None:
    """Let the client ask a server of the world, which knows these names; its hosts file knows only `hosts`."""
    stage.start(sys.executable, str(Path(__file__).resolve()), ADDRESS, str(PORT), json.dumps(names))
    stage.wait_for(HOST, PORT)
    stage.call(hosts or {})
    use_servers(stage, ADDRESS)


def use_servers(stage: Stage, *addresses: str) -> None:
    """Let the client ask these, in this order."""
    lines = ["options attempts:1 timeout:1", *(f"nameserver {one}" for one in addresses)]
    (stage.place / "resolv.conf").write_text("\n".join([*lines, ""]))


def main(address: str, port: int, names: Names) -> None:
    """Serve until killed; a connection to the same port tells that it is there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((address, port))
        with socket.create_server((address, port)):
            serve(one, names)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3]))
