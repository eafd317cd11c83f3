"""A TCP connection to a host by whichever of its addresses answers first (in the spirit of RFC 8305).

IPv6 and IPv4 take turns; the next address is tried a quarter of a second after the last, or as soon as that one
failed; the first to connect wins, and its family goes first for that host from then on. So a host that answers on one
family only costs a quarter of a second once, and not the limit for a connection again and again.

Under a wrapper that is preloaded (proxychains, tsocks, torsocks) addresses are tried one after the other, blocking:
there connect() blocks until the proxy has answered, whatever the socket's mode (seen with proxychains-ng 4.16), and the
addresses may be stand-ins of the wrapper's own, so there is nothing to race for.
"""

from __future__ import annotations

import errno
import os
import queue
import selectors
import socket
import struct
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import zip_longest
from typing import Any

from hfpush.net.lines import dials, enters, holds
from hfpush.net.news import CONNECTING
from hfpush.net.no_proxy import address_of
from hfpush.net.wrappers import preloaded

STAGGER_SECONDS = 0.25
_LEAST_SECONDS = 0.1
_UNDER_WAY = (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY)
_NO_SUCH_FAMILY = (errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)

Address = tuple[socket.AddressFamily, tuple[object, ...]]
Options = Sequence[tuple[int, int, int]]

_family_that_answered: dict[tuple[str, int], int] = {}


def wrapper_of(environment: Mapping[str, str]) -> str | None:
    """The preloaded proxy wrapper that this environment names (`proxychains`, say); None where there is none."""
    found = preloaded(environment)
    return found.name if found is not None else None


def connect(host: str, port: int, *, seconds: float) -> socket.socket:
    """A connected socket without delay for small packets and with `seconds` as its timeout.

    Raises socket.gaierror for a name that has no address or is not resolved within `seconds`, TimeoutError when nothing
    answered in that time, and otherwise the OSError of the first address that failed for a reason of its own.
    """
    options, end = dials(host, port), time.monotonic() + seconds
    found = _resolved(host, port, seconds)
    enters(CONNECTING)
    addresses = in_turns([(entry[0], entry[4]) for entry in found], _family_that_answered.get((host, port)))
    left = max(end - time.monotonic(), _LEAST_SECONDS)
    connection = first_of(addresses, left, options, racing=wrapper_of(os.environ) is None)
    if len(addresses) > 1:
        _family_that_answered[host, port] = connection.family
    try:
        holds(connection)
        connection.settimeout(seconds)
        with suppress(OSError):  # a socket that is none of TCP's, behind a wrapper
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        connection.close()
        raise
    return connection


def _resolved(host: str, port: int, seconds: float) -> list[Any]:
    """The addresses, within `seconds`: the system's own patience with a name server that is silent is longer."""
    if address_of(host) is not None:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    answers: queue.SimpleQueue[list[Any] | BaseException] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:  # raised again where it is waited for
            answers.put(error)

    threading.Thread(target=ask, name=f"resolve {host}", daemon=True).start()
    try:
        found = answers.get(timeout=seconds)
    except queue.Empty:
        raise socket.gaierror(socket.EAI_AGAIN, f"no name server answered within {seconds:g} s") from None
    if isinstance(found, BaseException):
        raise found
    return found


def first_of(addresses: list[Address], seconds: float, options: Options = (), *, racing: bool = True) -> socket.socket:
    """A connection to the first of these addresses that answers; the options are set before it connects.

    Without `racing` they are tried one after the other. Raises as `connect` does.
    """
    if racing and len(addresses) > 1:
        return _race(addresses, seconds, options)
    return _one_by_one(addresses, seconds, options, blocking=not racing)


def connect_blocking(connection: socket.socket, address: tuple[object, ...], seconds: float) -> None:
    """Connect a socket with calls that block, as preloaded wrappers expect (tsocks never sees the end of others); the
    system keeps to `seconds`. Raises TimeoutError, and what the system raises."""
    limit = struct.pack("ll", int(seconds), max(int(seconds % 1 * 1_000_000), 1))
    try:
        for option, value in ((socket.SO_SNDTIMEO, limit), (socket.SO_RCVTIMEO, limit)):
            connection.setsockopt(socket.SOL_SOCKET, option, value)
        connection.settimeout(None)
        connection.connect(address)
        for option in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
            connection.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", 0, 0))
    except BlockingIOError as error:
        raise TimeoutError(f"no answer within {seconds:.1f} s") from error


def in_turns(addresses: list[Address], first: int | None) -> list[Address]:
    """Each address once, the families taking turns; it begins with family `first`, else with that of the first one."""
    once = list(dict.fromkeys(addresses))
    begin = once[0][0] if first is None or all(family != first for family, _ in once) else first
    mine = [address for address in once if address[0] == begin]
    others = [address for address in once if address[0] != begin]
    return [address for pair in zip_longest(mine, others) for address in pair if address is not None]


def _one_by_one(addresses: list[Address], seconds: float, options: Options, *, blocking: bool) -> socket.socket:
    failures: list[OSError] = []
    end = time.monotonic() + seconds
    for family, address in addresses:
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            _set(connection, options)
            left = max(end - time.monotonic(), _LEAST_SECONDS)
            if blocking:
                connect_blocking(connection, address, left)
            connection.settimeout(left)
            if not blocking:
                connection.connect(address)
        except OSError as error:
            connection.close()
            failures.append(error)
        except BaseException:
            connection.close()
            raise
        else:
            return connection
        if time.monotonic() >= end:
            break
    raise _telling(failures)


def _race(addresses: list[Address], seconds: float, options: Options) -> socket.socket:
    end = time.monotonic() + seconds
    failures: list[OSError] = []
    waiting, next_start = list(addresses), time.monotonic()
    with selectors.DefaultSelector() as selector:
        winner: socket.socket | None = None
        try:
            while winner is None:
                now = time.monotonic()
                if waiting and (now >= next_start or not selector.get_map()):
                    winner = _begin(waiting.pop(0), selector, failures, options)
                    next_start = now + STAGGER_SECONDS
                    continue
                if not waiting and not selector.get_map():
                    raise _telling(failures)
                if now >= end:
                    raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
                until = min(next_start, end) if waiting else end
                winner = _finished(selector.select(until - now), selector, failures)
            return winner
        finally:
            for key in list(selector.get_map().values()):
                if key.fileobj is not winner:
                    key.fileobj.close()  # type: ignore[union-attr]  # only sockets are registered


def _begin(
    address: Address, selector: selectors.BaseSelector, failures: list[OSError], options: Options
) -> socket.socket | None:
    """Start to connect; the socket comes back when it is connected already."""
    try:
        connection = socket.socket(address[0], socket.SOCK_STREAM)
    except OSError as error:  # a family that this machine does not have
        failures.append(error)
        return None
    connection.setblocking(False)
    _set(connection, options)
    code = connection.connect_ex(address[1])
    if code == 0:
        return connection
    if code in _UNDER_WAY:
        selector.register(connection, selectors.EVENT_WRITE)
    else:
        connection.close()
        failures.append(OSError(code, os.strerror(code)))
    return None


def _telling(failures: list[OSError]) -> OSError:
    """The first that speaks of the host, and not of a family that this machine does not have."""
    return next((failure for failure in failures if failure.errno not in _NO_SUCH_FAMILY), failures[0])


def _set(connection: socket.socket, options: Options) -> None:
    for level, name, value in options:
        connection.setsockopt(level, name, value)


def _finished(
    events: list[tuple[selectors.SelectorKey, int]], selector: selectors.BaseSelector, failures: list[OSError]
) -> socket.socket | None:
    """The first of these sockets that is connected; those that failed are closed and noted."""
    for key, _ in events:
        connection = key.fileobj
        assert isinstance(connection, socket.socket)
        code = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code == 0:
            return connection
        selector.unregister(connection)
        connection.close()
        failures.append(OSError(code, os.strerror(code)))
    return None
