"""What do this machine's name servers say themselves? Asked one by one, over UDP, beside the system's resolver.

The resolver says only that it has no answer; whether a server said "there is no such name", "I fail", or nothing at all
takes another remedy each. Hosts files and other sources do not count here: this explains, and never overrules.
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import time
from collections.abc import Sequence
from pathlib import Path

from hfpush.diagnose.dns_message import Reply, parse_reply, question
from hfpush.diagnose.facts.names import Asked
from hfpush.net.no_proxy import address_of

RESOLV_CONF = Path("/etc/resolv.conf")
_DEFAULT = ("127.0.0.1",)  # resolv.conf(5): where none is named
_MOST = 3
_AGAIN_SECONDS = 0.7
_MORE_SECONDS = 1.0
"""For the others, once one has answered."""
_MOST_BYTES = 64 * 1024
_NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


def named_servers(file: Path = RESOLV_CONF) -> tuple[str, ...]:
    """The addresses of the servers that the resolver asks, in its order."""
    try:
        with file.open("rb") as opened:
            text = opened.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:  # as the resolver has it: then it is this machine's own
        return _DEFAULT
    words = [line.split() for line in text.splitlines()]
    named = [two[1] for two in words if len(two) > 1 and two[0] == "nameserver" and address_of(two[1]) is not None]
    return tuple(named[:_MOST]) or _DEFAULT


def ask_servers(host: str, servers: Sequence[str], seconds: float, *, port: int = 53) -> tuple[Asked, ...]:
    """What each server says of the host, within `seconds` for all; twice asked where it is silent at first."""
    try:
        asked = question(host, int.from_bytes(os.urandom(2), "big"))
    except (ValueError, UnicodeError):
        return ()
    said: dict[str, Asked] = {}
    end = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        try:
            for server in servers:
                wrong = _open(server, port, selector)
                if wrong is not None:
                    said[server] = Asked(server, wrong)
            _talk(selector, asked, end, said)
        finally:
            for key in list(selector.get_map().values()):
                selector.unregister(key.fileobj)
                key.fileobj.close()  # type: ignore[union-attr]  # only sockets are registered
    return tuple(said.get(server, Asked(server, "silent")) for server in servers)


def _open(server: str, port: int, selector: selectors.BaseSelector) -> str | None:
    """A socket that hears this server alone; what is wrong where there can be none."""
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    try:
        one = socket.socket(family, socket.SOCK_DGRAM)
    except OSError:  # a family that this machine does not have
        return "unreachable"
    one.setblocking(False)
    try:
        found = socket.getaddrinfo(server, port, family, socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)
        one.connect(found[0][4])
    except OSError as error:
        one.close()
        return _wrong(error)
    selector.register(one, selectors.EVENT_READ, server)
    return None


def _talk(selector: selectors.BaseSelector, asked: bytes, end: float, said: dict[str, Asked]) -> None:
    again, heard = 0.0, False
    while selector.get_map() and (now := time.monotonic()) < end:
        if not heard and any(one.said not in ("no-server", "unreachable") for one in said.values()):
            heard, end = True, min(end, now + _MORE_SECONDS)
        if now >= again:
            for key in list(selector.get_map().values()):
                _settle(selector, key, _exchange(key.fileobj, asked, sending=True), said)
            again = now + _AGAIN_SECONDS
            continue
        for key, _ in selector.select(min(again, end) - now):
            _settle(selector, key, _exchange(key.fileobj, asked, sending=False), said)


def _exchange(one: object, asked: bytes, *, sending: bool) -> Reply | str | None:
    """Ask, or hear; what came of it, None where nothing did yet."""
    assert isinstance(one, socket.socket)
    try:
        if sending:
            one.send(asked)
            return None
        return parse_reply(one.recv(4096), asked)
    except BlockingIOError:
        return None
    except OSError as error:
        return _wrong(error)


def _settle(
    selector: selectors.BaseSelector, key: selectors.SelectorKey, came: Reply | str | None, said: dict[str, Asked]
) -> None:
    if came is None:
        return
    server = key.data
    said[server] = Asked(server, came) if isinstance(came, str) else Asked(server, came.code, came.addresses)
    selector.unregister(key.fileobj)
    key.fileobj.close()  # type: ignore[union-attr]  # only sockets are registered


def _wrong(error: OSError) -> str:
    if error.errno == errno.ECONNREFUSED:
        return "no-server"
    return "unreachable" if error.errno in _NO_WAY else "silent"
