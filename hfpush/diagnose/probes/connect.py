"""Does a connection come about on a line? To each address of a host by itself, or to the host through a proxy."""

from __future__ import annotations

import errno
import os
import queue
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from hfpush.diagnose.facts.connections import Dial, Outcome
from hfpush.diagnose.line import Line
from hfpush.diagnose.probes.interface import interface_of
from hfpush.diagnose.probes.names import addresses_of
from hfpush.diagnose.probes.proxy_kind import closer
from hfpush.errors import HfpushError
from hfpush.net.dial import connected
from hfpush.net.eyeballs import connect_blocking, wrapper_of
from hfpush.net.no_proxy import address_of
from hfpush.net.proxies import parse_proxy
from hfpush.net.proxy_fault import Kind, ProxyFault
from hfpush.net.redact import redact

_MOST_OF_A_FAMILY = 2
_NAME_SECONDS = 2.5
_LEAST_SECONDS = 0.2
_MORE_SECONDS, _MORE_TIMES = 1.7, 5
"""For an address beside one that connected: a packet that was lost is sent again after a second."""
_NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EACCES, errno.EPERM)
_OF_A_PROXY: dict[Kind, Outcome] = {
    "unreached": "proxy-unreached",
    "login": "proxy-login",
    "refused": "proxy-refused",
    "failed": "proxy-failed",
    "lost": "proxy-failed",
    "other-kind": "proxy-other-kind",
    "untrusted": "proxy-untrusted",
}


def dial(line: Line, seconds: float) -> tuple[Dial, ...]:
    """What comes of connecting on the line, within `seconds`, whatever blocks. A straight line gives one answer for
    each address, two of each family at most, all tried side by side; one through a proxy gives one.

    Under a library that is preloaded (proxychains) connections go where that leads them, and `said` names it.
    """
    end = time.monotonic() + seconds
    if line.route.proxy is not None:
        return (closer(line, seconds, lambda: _through(line, end)),)
    found = addresses_of(line.host, min(_NAME_SECONDS, seconds))
    if not found:
        said = "the name was not resolved in time" if found is None else "the name has no address here"
        return (Dial(line.name, "", "unresolved", said=said),)
    chosen = _chosen(found)
    began = time.monotonic()
    answers: queue.SimpleQueue[Dial] = queue.SimpleQueue()
    for address in chosen:
        arguments = (line, address, max(end - time.monotonic(), _LEAST_SECONDS), answers)
        threading.Thread(target=_try, args=arguments, name=f"dial {address}", daemon=True).start()
    came = {one.address: one for one in _gathered(answers, len(chosen), end)}
    took = time.monotonic() - began
    late = f"no answer within {took:.1f} s"
    return tuple(came.get(one) or Dial(line.name, one, "silent", said=late, seconds=took) for one in chosen)


def _chosen(addresses: Sequence[str]) -> tuple[str, ...]:
    of_four = [one for one in addresses if ":" not in one][:_MOST_OF_A_FAMILY]
    of_six = [one for one in addresses if ":" in one][:_MOST_OF_A_FAMILY]
    return tuple(one for one in addresses if one in of_four or one in of_six)


def _gathered(answers: queue.SimpleQueue[Dial], count: int, end: float) -> list[Dial]:
    """The answers that come in time; a little later for those that give up at that very moment. Once one address has
    connected, the others are not waited for to the end."""
    found: list[Dial] = []
    with suppress(queue.Empty):
        while len(found) < count:
            found.append(answers.get(timeout=max(end + _LEAST_SECONDS - time.monotonic(), 0.0)))
            if found[-1].outcome == "ok":
                patience = max(_MORE_SECONDS, _MORE_TIMES * found[-1].seconds)
                end = min(end, time.monotonic() + patience - _LEAST_SECONDS)
    return found


def _try(line: Line, address: str, seconds: float, answers: queue.SimpleQueue[Dial]) -> None:
    began = time.monotonic()

    def came(outcome: Outcome, said: str = "", interface: tuple[str, int] = ("", 0)) -> None:
        took, (name, mtu) = time.monotonic() - began, interface
        by = wrapper_of(os.environ)
        said = f"by way of {by}: {said or 'connected'}" if by else said
        answers.put(Dial(line.name, address, outcome, said=said, seconds=took, interface=name, mtu=mtu))

    try:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as one:
            place = _place(address, line.port, family)
            if wrapper_of(os.environ):
                connect_blocking(one, place, seconds)
            else:
                one.settimeout(seconds)
                one.connect(place)
            came("ok", interface=interface_of(one))
    except (TimeoutError, BlockingIOError):
        came("silent", f"no answer within {seconds:.1f} s")
    except OSError as error:
        came(_outcome_of(error), error.strerror or str(error))
    except UnicodeError as error:
        came("unreachable", str(error))


def _place(address: str, port: int, family: socket.AddressFamily) -> tuple[object, ...]:
    if "%" not in address:
        return (address, port)
    found = socket.getaddrinfo(address, port, family, socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    return found[0][4]


def _outcome_of(error: OSError) -> Outcome:
    if error.errno in _NO_WAY:
        return "unreachable"
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    return "silent" if error.errno == errno.ETIMEDOUT else "cut"


def _through(line: Line, end: float) -> Dial:
    """One try through the proxy, in a thread: under a preloaded library connect() keeps to no limit of ours."""
    began = time.monotonic()
    seconds = max(end - began, _LEAST_SECONDS)
    answers: queue.SimpleQueue[Dial] = queue.SimpleQueue()
    threading.Thread(target=_proxied, args=(line, seconds, answers), name=f"dial {line.host}", daemon=True).start()
    came = _gathered(answers, 1, end)
    late = f"no answer within {seconds:.1f} s"
    return came[0] if came else Dial(line.name, "", "proxy-silent", said=late, seconds=time.monotonic() - began)


def _proxied(line: Line, seconds: float, answers: queue.SimpleQueue[Dial]) -> None:
    began = time.monotonic()
    answers.put(_said_through(line, seconds, began))


def _said_through(line: Line, seconds: float, began: float) -> Dial:
    address = ""

    def dialled(outcome: Outcome, said: str = "", status: int = 0) -> Dial:
        took = time.monotonic() - began
        return Dial(line.name, address, outcome, status=status, said=redact(said)[:300], seconds=took)

    try:
        proxy = parse_proxy(line.route.proxy or "", line.route.why)
        ways = addresses_of(proxy.host, min(_NAME_SECONDS, seconds))
        if not ways:
            return dialled("proxy-unresolved", f"the proxy's name {proxy.host} has no address here")
        address = ways[0]
        host = line.host
        if line.names == "here" and proxy.scheme.startswith("socks") and address_of(host) is None:
            found = addresses_of(host, min(_NAME_SECONDS, seconds))
            if not found:
                return dialled("unresolved", f"the name {host} has no address here, where it is asked for")
            host = next((one for one in found if ":" not in one), found[0])
        left = max(began + seconds - time.monotonic(), _LEAST_SECONDS)
        with connected(host, line.port, line.route, seconds=left) as one:
            if one.family != socket.AF_UNIX:  # that of a proxy that is spoken to over TLS
                address = str(one.getpeername()[0])
        return dialled("ok")
    except ProxyFault as fault:
        return dialled(_outcome_of_fault(fault), fault.said, fault.status)
    except HfpushError as error:
        return dialled("proxy-failed", error.finding.message)
    except (OSError, UnicodeError) as error:
        return dialled("proxy-failed", str(error))


def _outcome_of_fault(fault: ProxyFault) -> Outcome:
    if isinstance(fault.__cause__, TimeoutError):
        return "proxy-silent"
    if fault.kind == "unreached" and isinstance(fault.__cause__, socket.gaierror):
        return "proxy-unresolved"
    return _OF_A_PROXY[fault.kind]
