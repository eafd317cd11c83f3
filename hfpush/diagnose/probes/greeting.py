"""One TLS handshake on a connection that stands, and how it ended: by the bytes that came, not by a library's words.

Nobody's certificate is judged here: it is read, and nothing is sent after the handshake.
"""

from __future__ import annotations

import functools
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass

from hfpush.diagnose.facts.tls import Outcome
from hfpush.diagnose.probes.hello import Said, what_came
from hfpush.net.redact import redact

_BLOCK = 64 * 1024
_LEAST_SECONDS = 0.05


@dataclass(frozen=True)
class Greeted:
    """How one handshake ended. `certificate` is the server's own, in DER."""

    outcome: Outcome
    got: int = 0
    alert: int = 0
    began_with: str = ""
    version: str = ""
    protocol: str = ""
    said: str = ""
    certificate: bytes = b""

    @property
    def answered(self) -> bool:
        """Whether the other side answered at all, in whatever way, rather than to cut the connection or be silent."""
        return self.outcome in ("ok", "alert", "not-agreed", "plaintext", "garbage")


def greet(connection: socket.socket, name: str, end: float) -> Greeted:
    """Send a ClientHello that asks for `name`, and go on until the handshake ends, or until `end` (of
    time.monotonic)."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    secure = _reading().wrap_bio(incoming, outgoing, server_hostname=name)
    data = bytearray()
    while True:
        try:
            secure.do_handshake()
        except ssl.SSLWantReadError:
            pass
        except (ssl.SSLError, ValueError) as error:
            with suppress(OSError):  # our alert, which a server may want to write down
                connection.sendall(outgoing.read())
            return _broken(bytes(data), error)
        else:
            return _stands(connection, secure, outgoing, len(data))
        try:
            connection.sendall(outgoing.read())
            connection.settimeout(max(end - time.monotonic(), _LEAST_SECONDS))
            came = connection.recv(_BLOCK)
        except TimeoutError:
            return _ended("silent", data)
        except OSError:
            return _ended("reset", data)
        if not came or time.monotonic() > end:
            return _ended("closed" if not came else "silent", data)
        data += came
        incoming.write(came)


@functools.lru_cache(maxsize=1)
def _reading() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # to read the chain, whoever signed it: nothing is sent on it
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


def _stands(connection: socket.socket, secure: ssl.SSLObject, outgoing: ssl.MemoryBIO, got: int) -> Greeted:
    with suppress(OSError):  # it stood, whatever the server thinks of the rest
        connection.sendall(outgoing.read())
    version = (secure.version() or "").replace("TLSv", "TLS ")
    protocol = secure.selected_alpn_protocol() or ""
    return Greeted("ok", got, version=version, protocol=protocol, certificate=secure.getpeercert(True) or b"")


def _broken(data: bytes, error: Exception) -> Greeted:
    came = what_came(data)
    words = getattr(error, "reason", None) or str(error)
    said = redact(" ".join(words.replace("_", " ").lower().split()))[:200]
    if came.kind in ("alert", "plaintext", "garbage"):
        return _of(came, len(data), said)
    return Greeted("not-agreed", len(data), version=came.version, said=said)


def _ended(outcome: Outcome, data: bytearray) -> Greeted:
    """It ended without the library's having a word to say: too little had come for that."""
    came = what_came(bytes(data))
    if came.kind in ("plaintext", "garbage"):
        return _of(came, len(data))
    return Greeted(outcome, len(data), version=came.version)


def _of(came: Said, got: int, said: str = "") -> Greeted:
    outcome: Outcome = "alert" if came.kind == "alert" else "plaintext" if came.kind == "plaintext" else "garbage"
    return Greeted(outcome, got, came.alert, came.began_with, came.version, said=said)
