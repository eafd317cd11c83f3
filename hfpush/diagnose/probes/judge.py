"""Whether the certificate of a line is believed, with each client's own store: a real handshake for each that differs.

Nothing is sent on these connections but, where the certificate is not valid by this machine's clock, one question for
the server's.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

from hfpush.diagnose.facts.tls import Judged
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.line import Line
from hfpush.diagnose.probes.handshake import dialled
from hfpush.diagnose.probes.stores import Store, Unusable, store_of
from hfpush.diagnose.side_by_side import side_by_side
from hfpush.net.redact import redact
from hfpush.net.server_clock import moment_of

Opinion = Literal["ok", "unknown-issuer", "expired", "not-yet", "other-name", "unusable-store", "other"]
# X509_V_ERR_* of OpenSSL's x509_vfy.h
_OPINIONS: dict[int, Opinion] = {
    9: "not-yet",
    10: "expired",
    62: "other-name",
    64: "other-name",
    **dict.fromkeys((2, 18, 19, 20, 21, 27), "unknown-issuer"),
}
_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME: issuer and name are checked as ever."""
_TRIES = 3
_MOST_HEAD = 16 * 1024


@dataclass(frozen=True)
class _Opinion:
    outcome: Opinion
    said: str = ""
    ahead: float | None = None


def judge(line: Line, ways: Sequence[Way], seconds: float) -> tuple[Judged, ...]:
    """What each client whose way this line is makes of its certificate, within `seconds`.

    A client that does not check is not asked; neither is one whose handshake did not come to the certificate in any of
    three tries, which `handshake.shake` tells about. Never raises for what the network does.
    """
    end = time.monotonic() + seconds
    mine = [way for way in ways if way.line == line.name and way.verifies and not way.error] if line.secure else []
    stores: dict[tuple[object, ...], Store] = {}
    found: list[tuple[Way, tuple[object, ...] | Judged]] = []
    for way in mine:
        try:
            store = store_of(way)
        except Unusable as error:
            said = redact(str(error))[:300]
            found.append((way, Judged(line.name, way.client, "unusable-store", way.store, way.trust, said)))
            continue
        key = (store.loaded, int(store.context.verify_flags))
        stores.setdefault(key, store)
        found.append((way, key))
    asked = {key: (lambda store=store: _opinion(line, store, end)) for key, store in stores.items()}
    opinions = side_by_side(asked, end + 0.2)
    judged = []
    for way, what in found:
        if isinstance(what, Judged):
            judged.append(what)
        elif (opinion := opinions.get(what)) is not None:
            one = Judged(line.name, way.client, opinion.outcome, way.store, stores[what].loaded)
            judged.append(replace(one, said=opinion.said, ahead=opinion.ahead))
    return tuple(judged)


def _opinion(line: Line, store: Store, end: float) -> _Opinion | None:
    for _ in range(_TRIES):
        if time.monotonic() >= end:
            return None
        try:
            _secured(line, store.context, end).close()
        except ssl.SSLCertVerificationError as error:
            outcome = _OPINIONS.get(error.verify_code, "other")
            ahead = _ahead(line, store.context, end) if outcome in ("expired", "not-yet") else None
            return _Opinion(outcome, redact(error.verify_message)[:200], ahead)
        except (OSError, UnicodeError, ValueError):  # handshakes that fail are another probe's
            continue
        return _Opinion("ok")
    return None


def _secured(line: Line, context: ssl.SSLContext, end: float) -> ssl.SSLSocket:
    left = max(end - time.monotonic(), 0.1)
    connection = dialled(line, left)
    try:
        connection.settimeout(max(end - time.monotonic(), 0.1))
        return context.wrap_socket(connection, server_hostname=line.host)
    except BaseException:
        connection.close()
        raise


def _ahead(line: Line, context: ssl.SSLContext, end: float) -> float | None:
    """How many seconds the server's clock is before ours, by an answer to a request that holds nothing of ours."""
    context.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME)
    with suppress(OSError, UnicodeError, ValueError), _secured(line, context, end) as secured:
        place = f"[{line.host}]" if ":" in line.host else line.host
        secured.sendall(f"HEAD / HTTP/1.1\r\nHost: {place}\r\nConnection: close\r\n\r\n".encode("ascii"))
        return _date(_head(secured, end))
    return None


def _head(connection: socket.socket, end: float) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _MOST_HEAD and time.monotonic() < end:
        more = connection.recv(4096)
        if not more:
            break
        head += more
    return head


def _date(head: bytes) -> float | None:
    for field in head.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]:
        name, _, value = field.partition(b":")
        if name.strip().lower() == b"date":
            moment = moment_of(value.decode("ascii", "replace").strip())
            return None if moment is None else moment - time.time()
    return None
