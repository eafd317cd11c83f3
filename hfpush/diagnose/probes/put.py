"""How much does the storage take, by one line? Bytes are sent to signed URLs, more with each try, and counted.

The socket is ours, so that it is known how many bytes the other side's TCP has acknowledged, at which size that ends,
and how long the answer takes after the last byte. What is sent belongs to objects that nothing refers to.
"""

from __future__ import annotations

import socket
import ssl
import struct
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit

from hfpush.diagnose.facts.lfs import Put
from hfpush.diagnose.line import Line
from hfpush.diagnose.probes.batch import SIZES, Offer, Place
from hfpush.diagnose.probes.sending import Sent, send
from hfpush.errors import HfpushError
from hfpush.net.dial import basic, connected, to_proxy
from hfpush.net.proxies import parse_proxy
from hfpush.net.redact import redact
from hfpush.net.server_clock import moment_of
from hfpush.net.trust import context

SMALL = SIZES[:3]
"""What any storage is asked to take."""
LARGE = SIZES[3:5]
UNENDED = SIZES[-1]
"""Among the sizes of a ladder: it may send so much, and not to its end, where an answer was long in coming."""
_AFTER_LARGE_SECONDS = 2.0
"""How long the answer to a large body is waited for."""
_DOUBTFUL_SECONDS = 1.0
"""An answer that comes so late after a large body asks for a still larger one, to see whether it is taken whole."""
_SWALLOW_SECONDS = 1.2
"""For that one: a line of 100 Mbit/s carries about as much meanwhile as buffers hold, a faster one more."""
_CONNECT_SECONDS = 4.0
_OURS = ("host", "content-length", "transfer-encoding", "connection")
_RESET = struct.pack("ii", 1, 0)


def ladder(
    line: Line, offer: Offer, sizes: Sequence[int], seconds: float, *, ca_bundle: str | None = None
) -> tuple[Put, ...]:
    """What became of bodies of these sizes, in their order, each begun when the last one went well: within `seconds` in
    all. Never raises for what the network does. `ca_bundle` as in Network: bytes go only to a host that it vouches for.

    With UNENDED among them, an answer that is late to a large body is followed by that one.
    """
    until, puts = time.monotonic() + seconds, list[Put]()
    rungs = _Rungs(line, until, ca_bundle)
    try:
        for size in (one for one in sizes if one != UNENDED):
            place = offer.place(size)
            if place is None or time.monotonic() >= until:
                continue
            put = rungs.put(place)
            if put.outcome == "cut":  # that may happen once; what happens twice is so
                put = replace(rungs.put(place), tries=2)
            puts.append(put)
            if puts[-1].outcome != "ok":
                break
        last, more = puts[-1] if puts else None, offer.place(UNENDED) if UNENDED in sizes else None
        late = last is not None and last.size >= LARGE[-1] and last.outcome in ("ok", "late")
        if late and last is not None and more is not None and last.answer_seconds >= _DOUBTFUL_SECONDS:
            puts.append(rungs.abandon(more))
    finally:
        rungs.close()
    return tuple(puts)


class _Rungs:
    """Uploads by one line, on one connection as long as the server keeps it."""

    def __init__(self, line: Line, until: float, ca_bundle: str | None) -> None:
        self._line, self._until, self._ca_bundle = line, until, ca_bundle
        self._connection: socket.socket | None = None

    def put(self, place: Place) -> Put:
        late = _AFTER_LARGE_SECONDS if place.size >= LARGE[-1] else None
        return self._put(place, [place.content], late)

    def abandon(self, place: Place) -> Put:
        """All but the last byte of an object larger than its content."""
        self.close()
        self._until = min(self._until, time.monotonic() + _SWALLOW_SECONDS)
        times = -(-place.size // len(place.content))
        pieces = [*[place.content] * (times - 1), place.content[:-1]]
        put = self._put(place, pieces, 0.0)
        if self._connection is not None:
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        return replace(put, abandoned=True)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _put(self, place: Place, pieces: Sequence[memoryview], late: float | None) -> Put:
        began = time.monotonic()
        known = Put(self._line.name, place.size)
        kept = self._connection is not None
        try:
            connection = self._connection or self._connect()
        except ssl.SSLError as error:
            return replace(known, outcome="failed", said=_words(error), seconds=_since(began))
        except (OSError, UnicodeError, HfpushError) as error:
            return replace(known, outcome="refused", said=_words(error), seconds=_since(began))
        self._connection = connection
        sent = send(connection, self._head(place), pieces, self._until, late_seconds=late)
        if (sent.answer is None or not sent.answer.keeps) and place.size != UNENDED:
            self.close()
        if kept and sent.ended == "cut" and not sent.retransmitted and self._connection is None:
            return self._put(place, pieces, late)  # a server may end a connection that waits for the next request
        return replace(_told(known, sent), seconds=_since(began))

    def _connect(self) -> socket.socket:
        line = self._line
        seconds = max(0.1, min(_CONNECT_SECONDS, self._until - time.monotonic()))
        if self._forwarded:
            return to_proxy(parse_proxy(line.route.proxy or "", line.route.why), line.route.why, seconds=seconds)
        plain = connected(line.host, line.port, line.route, seconds=seconds, ca_bundle=self._ca_bundle)
        if not line.secure:
            return plain
        try:
            return context(self._ca_bundle).wrap_socket(plain, server_hostname=line.host)
        except BaseException:
            plain.close()
            raise

    @property
    def _forwarded(self) -> bool:
        """Whether an HTTP proxy is asked for the whole URL, as all clients do for plain http."""
        proxy = self._line.route.proxy
        return not self._line.secure and proxy is not None and proxy.startswith("http://")

    def _head(self, place: Place) -> bytes:
        url = urlsplit(place.action.href)
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        headers: dict[str, str] = {"Content-Type": "application/octet-stream"}
        given = {name: value for name, value in place.action.headers.items() if name.lower() not in _OURS}
        if any(name.lower() == "content-type" for name in given):
            headers.clear()
        headers |= given
        if self._forwarded:
            path = f"{url.scheme}://{url.netloc}{path}"
            headers |= basic(parse_proxy(self._line.route.proxy or "", self._line.route.why))
        lines = [f"PUT {path} HTTP/1.1", f"Host: {url.netloc}", "User-Agent: hfpush", "Accept: */*"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, f"Content-Length: {place.size}", "", ""]).encode("latin-1", "replace")


def _told(known: Put, sent: Sent) -> Put:
    put = replace(
        known,
        acked=sent.acked,
        send_seconds=sent.send_seconds,
        answer_seconds=sent.answer_seconds,
        retransmitted=sent.retransmitted,
        segment=sent.segment,
        rtt=round(sent.rtt, 6),
        said=sent.said,
    )
    if sent.answer is None:
        return replace(put, outcome="cut" if sent.ended == "answered" else sent.ended)
    words, headers = sent.answer.words, sent.answer.headers
    return replace(
        put,
        outcome="ok" if 200 <= sent.answer.status < 300 else "status",
        status=sent.answer.status,
        code=redact(words.get("Code", ""))[:100],
        said=redact(words.get("Message", "") or ("an HTML page" if "html" in _kind(headers) else ""))[:300],
        server=redact(headers.get("server", ""))[:100],
        ahead=_ahead(headers.get("date", "")),
    )


def _kind(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").lower()


def _ahead(date: str) -> float | None:
    theirs = moment_of(date)
    return None if theirs is None else round(time.time() - theirs, 1)


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return redact(error.verify_message)[:200]
    if isinstance(error, TimeoutError):
        return "no answer in time"
    with suppress(AttributeError):
        return redact(error.strerror or str(error))[:200]  # type: ignore[attr-defined]
    return redact(str(error))[:200]


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)
