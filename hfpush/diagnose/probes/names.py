"""What does this machine say that a host's addresses are? As every program hears it that asks the system."""

from __future__ import annotations

import os
import queue
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from hfpush.diagnose.addresses import kind_of
from hfpush.diagnose.facts.names import Asked, Kind, Lookup
from hfpush.diagnose.probes.name_servers import ask_servers, named_servers
from hfpush.net.eyeballs import wrapper_of
from hfpush.net.no_proxy import address_of

HOSTS = Path("/etc/hosts")
_USUAL_SECONDS = 0.7
_SERVER_SECONDS = 2.0
_EXPLAIN_SECONDS = 0.5
_DOUBTFUL: set[Kind] = {"sinkhole", "fake"}
_MOST_BYTES = 4 * 1024 * 1024
_NO_NAME = {getattr(socket, name) for name in ("EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY") if hasattr(socket, name)}
_FAILURES = {"SERVFAIL", "REFUSED", "FORMERR", "NOTIMP", "no-server"}
_SILENCE = {"silent", "unreachable"}


def look_up(host: str, seconds: float) -> Lookup:
    """What the system's resolver says of a host, within `seconds`; it waits longer itself. Hosts files and whatever
    else it looks into count, as they do for other programs. Its servers are asked one by one where it has no answer,
    is slow, or gives an address that no host has."""
    began = time.monotonic()
    if address_of(host) is not None:
        return Lookup(host, "address", (host,), (kind_of(host, host),))
    wrapped = wrapper_of(os.environ) is not None
    servers = named_servers()
    hearing = _hear(host)
    heard = _answer(hearing, min(_USUAL_SECONDS, seconds))
    found = () if heard is None or isinstance(heard, BaseException) else _addresses(heard)
    kinds: tuple[Kind, ...] = tuple(kind_of(one, host, wrapped=wrapped) for one in found)
    asked: tuple[Asked, ...] = ()
    line = line_of_hosts(host)
    if not found or (not line and _DOUBTFUL & set(kinds)):
        left = began + seconds - time.monotonic()
        asked = ask_servers(host, servers, max(min(_EXPLAIN_SECONDS if found else _SERVER_SECONDS, left), 0.05))
    if heard is None:
        heard = _answer(hearing, max(began + seconds - time.monotonic(), 0.0))
        found = () if heard is None or isinstance(heard, BaseException) else _addresses(heard)
        kinds = tuple(kind_of(one, host, wrapped=wrapped) for one in found)
    took = time.monotonic() - began
    if found:
        return Lookup(host, "ok", found, kinds, servers, "", took, asked, line)
    if heard is None:
        said = f"the resolver did not answer within {seconds:g} s"
    else:
        said = heard.strerror or str(heard) if isinstance(heard, OSError) else str(heard)
    return Lookup(host, _outcome(heard, asked), (), (), servers, said, took, asked, line)


def addresses_of(host: str, seconds: float) -> tuple[str, ...] | None:
    """The addresses of a host in the system's order, each once; empty where it has none or the resolver fails, None
    where it says nothing within `seconds`."""
    if address_of(host) is not None:
        return (host,)
    heard = _answer(_hear(host), seconds)
    if heard is None:
        return None
    return () if isinstance(heard, BaseException) else _addresses(heard)


def line_of_hosts(host: str, file: Path = HOSTS) -> int:
    """The number of the first line of a hosts file that names a host; 0 where none does."""
    try:
        with file.open("rb") as opened:
            lines = opened.read(_MOST_BYTES).decode("utf-8", "replace").splitlines()
    except OSError:  # then it names nobody
        return 0
    wanted = host.lower().rstrip(".")
    for number, line in enumerate(lines, 1):
        if wanted in line.partition("#")[0].lower().split()[1:]:
            return number
    return 0


_Heard = list[tuple[object, ...]] | OSError | UnicodeError


def _hear(host: str) -> queue.SimpleQueue[_Heard]:
    """Ask the system in a thread: how long that takes is its own business."""
    answers: queue.SimpleQueue[_Heard] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(list(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)))
        except (OSError, UnicodeError) as error:  # told where it is waited for
            answers.put(error)

    threading.Thread(target=ask, name=f"resolve {host}", daemon=True).start()
    return answers


def _answer(answers: queue.SimpleQueue[_Heard], seconds: float) -> _Heard | None:
    try:
        return answers.get(timeout=seconds)
    except queue.Empty:
        return None


def _addresses(found: Sequence[tuple[object, ...]]) -> tuple[str, ...]:
    places = [entry[4] for entry in found]
    return tuple(dict.fromkeys(str(one[0]) for one in places if isinstance(one, tuple)))


def _outcome(heard: _Heard | None, asked: Sequence[Asked]) -> Literal["no-such-name", "server-failure", "no-answer"]:
    """What a failure is. The resolver says "no such name" itself; what else it says is made precise by the servers."""
    said = {one.said for one in asked}
    if isinstance(heard, UnicodeError) or (isinstance(heard, socket.gaierror) and heard.errno in _NO_NAME):
        return "no-such-name"
    if heard is not None and "NXDOMAIN" in said:
        return "no-such-name"
    return "server-failure" if said & _FAILURES and (heard is not None or not said & _SILENCE) else "no-answer"
