"""A plain socket for a TLS connection: what is written into it goes out encrypted, and back.

For TLS within TLS (a proxy of kind https): Python cannot lay TLS over an SSL socket, and who relays bytes wants a file
descriptor that says truly whether there is something to read. A thread carries; it ends when both directions do.
"""

from __future__ import annotations

import selectors
import socket
import ssl
import threading
from contextlib import suppress

_BLOCK = 64 * 1024
_SECONDS = 120.0  # a block that nobody takes for so long is given up; its reader has limits of its own, and shorter


def tls_pipe(secured: ssl.SSLSocket) -> socket.socket:
    """A socket whose other end is `secured`, which is closed when it is."""
    mine, theirs = socket.socketpair()
    mine.settimeout(secured.gettimeout())
    threading.Thread(target=_carry, args=(theirs, secured), name="tls-pipe", daemon=True).start()
    return mine


def _carry(plain: socket.socket, secured: ssl.SSLSocket) -> None:
    """Both directions in one thread: an SSL socket is not to be used from two at once."""
    with plain, secured, selectors.DefaultSelector() as selector, suppress(OSError, ValueError):
        plain.settimeout(_SECONDS)
        secured.settimeout(_SECONDS)
        selector.register(plain, selectors.EVENT_READ)
        selector.register(secured, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if secured in ready and not _inwards(plain, secured):
                return
            if plain in ready:
                data = plain.recv(_BLOCK)
                if not data:
                    return
                secured.sendall(data)


def _inwards(plain: socket.socket, secured: ssl.SSLSocket) -> bool:
    """Everything that can be had without waiting; False at the end of the stream."""
    secured.setblocking(False)
    try:
        while True:
            data = secured.recv(_BLOCK)
            if not data:
                return False
            plain.sendall(data)
    except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
        return True
    finally:
        secured.settimeout(_SECONDS)
