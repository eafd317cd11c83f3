"""What really listens on a proxy's port: asked in each language at once, and the one that is answered counts.

A proxy that is spoken to in the wrong language often says nothing at all, so it is asked beside the try that waits for
it, not after it.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import Literal

from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.line import Line
from hfpush.errors import HfpushError
from hfpush.net.dial import bracketed
from hfpush.net.proxies import parse_proxy

Spoken = Literal["", "socks5", "http", "tls"]
_QUIET_SECONDS = 1.0
"""How long a proxy may be silent before it is asked what it is."""
_OTHERWISE = ("proxy-silent", "proxy-failed", "proxy-other-kind")
_ANSWER_BYTES = 16 * 1024


def closer(line: Line, seconds: float, dialled: Callable[[], Dial]) -> Dial:
    """What `dialled` gives, a try of `line`, which goes through a proxy; where that failed, with what the proxy speaks,
    or which logins it offers. Takes hardly longer than `seconds`."""
    end = time.monotonic() + seconds
    done, answers = threading.Event(), SimpleQueue[Dial]()

    def look() -> None:
        done.wait(_QUIET_SECONDS)
        if not answers.empty() and (answers.get().outcome not in _OTHERWISE):
            spoken.put("")
            return
        proxy = _proxy_of(line)
        left = end - time.monotonic()
        spoken.put("" if proxy is None or left <= 0 else speaks(*proxy, (line.host, line.port), left))

    spoken = SimpleQueue[Spoken]()
    threading.Thread(target=look, name=f"what is the proxy to {line.host}", daemon=True).start()
    came = dialled()
    answers.put(came)
    done.set()
    if came.outcome == "proxy-login" and line.route.proxy and line.route.proxy.startswith("http:"):
        return replace(came, offers=_offers(line, end))
    if came.outcome not in _OTHERWISE or came.status:
        return came
    with suppress(Empty):
        return replace(came, speaks=spoken.get(timeout=max(end + 0.2 - time.monotonic(), 0.05)))
    return came


def speaks(host: str, port: int, target: tuple[str, int], seconds: float) -> Spoken:
    """What the proxy at host and port understands; empty where it answers none of them within `seconds`.

    A CONNECT to `target` is the question in HTTP: it does no more than what the proxy is there for. `http` may also be
    a web server; whether it is a proxy, its answer to a CONNECT tells.
    """
    answers: SimpleQueue[Spoken] = SimpleQueue()
    end = time.monotonic() + seconds
    questions: tuple[tuple[Spoken, Callable[[], bytes], Callable[[bytes], bool]], ...] = (
        ("socks5", lambda: b"\x05\x02\x00\x02", lambda said: said[:1] == b"\x05" and len(said) == 2),
        ("http", lambda: _connect(target), lambda said: said.startswith(b"HTTP/")),
        ("tls", lambda: _hello(host), lambda said: said[:2] in (b"\x16\x03", b"\x15\x03")),
    )

    def ask(kind: Spoken, question: Callable[[], bytes], fits: Callable[[bytes], bool]) -> None:
        said = b""
        with suppress(OSError):
            said = _said(host, port, question(), end)
        answers.put(kind if fits(said) else "")

    for one in questions:
        threading.Thread(target=ask, args=one, daemon=True).start()
    for _ in questions:
        try:
            kind = answers.get(timeout=max(end - time.monotonic(), 0.01))
        except Empty:
            return ""
        if kind:
            return kind
    return ""


def _said(host: str, port: int, question: bytes, end: float) -> bytes:
    """The first bytes of the answer."""
    with socket.create_connection((host, port), timeout=max(end - time.monotonic(), 0.01)) as connection:
        connection.sendall(question)
        data = b""
        while len(data) < 5 and not (data[:1] == b"\x05" and len(data) == 2):
            connection.settimeout(max(end - time.monotonic(), 0.01))
            more = connection.recv(512)
            if not more:
                break
            data += more
        return data


def _connect(target: tuple[str, int]) -> bytes:
    place = f"{bracketed(target[0])}:{target[1]}"
    return f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\nUser-Agent: hfpush\r\n\r\n".encode()


def _hello(host: str) -> bytes:
    """A ClientHello, as any client sends it."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    with suppress(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname=host).do_handshake()
    return outgoing.read()


def _proxy_of(line: Line) -> tuple[str, int] | None:
    try:
        proxy = parse_proxy(line.route.proxy or "", line.route.why)
    except HfpushError:  # whoever dials it says so
        return None
    return proxy.host, proxy.port


def _offers(line: Line, end: float) -> str:
    """The schemes of a 407 to somebody without a login, `Basic, NTLM`; empty where there was none in time."""
    proxy = _proxy_of(line)
    if proxy is None:
        return ""
    data = b""
    with suppress(OSError), socket.create_connection(proxy, timeout=max(end - time.monotonic(), 0.1)) as connection:
        connection.sendall(_connect((line.host, line.port)))
        while b"\r\n\r\n" not in data and len(data) < _ANSWER_BYTES:
            connection.settimeout(max(end - time.monotonic(), 0.1))
            more = connection.recv(4096)
            if not more:
                break
            data += more
    fields = (row.partition(":") for row in data.decode("latin-1").split("\r\n\r\n")[0].split("\r\n"))
    words = (value.split()[:1] for name, _, value in fields if name.strip().lower() == "proxy-authenticate")
    return ", ".join(dict.fromkeys(word[0].strip(",")[:40] for word in words if word))
