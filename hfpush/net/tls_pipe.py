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
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_SECONDS = 120.0  # a block that nobody takes for so long is given up; its reader has limits of its own, and shorter


def tls_pipe(secured: ssl.SSLSocket) -> socket.socket:
    """A socket whose other end is `secured`, which is closed when it is."""
    mine, theirs = socket.socketpair()
    mine.settimeout(secured.gettimeout())
    threading.Thread(target=_carry, args=(theirs, secured), name="tls-pipe", daemon=True).start()
    return mine


def _carry(plain: socket.socket, secured: ssl.SSLSocket) -> None:
    """Both directions in one thread, since an SSL socket is not to be used from two at once; neither waits for the
    other, however long nobody reads at its end."""
    with plain, secured, selectors.DefaultSelector() as selector, suppress(OSError, ValueError):
        plain.setblocking(False)
        secured.setblocking(False)
        outward, inward = bytearray(), bytearray()
        open_ends = True  # until either end has said its last
        while open_ends or outward or inward:
            reads = open_ends and len(inward) < _BLOCK
            if not (reads and secured.pending()):
                _await(selector, plain, read=open_ends and len(outward) < _BLOCK, write=bool(inward))
                _await(selector, secured, read=reads, write=bool(outward))
                if not selector.select(_SECONDS if outward or inward else None):
                    return
            if reads:
                open_ends = _take(secured, inward) and open_ends
            if open_ends and len(outward) < _BLOCK:
                open_ends = _take(plain, outward)
            _give(secured, outward)
            try:
                _give(plain, inward)
            except OSError:  # nobody reads here any more; what was written here still goes out
                inward.clear()
                open_ends = False


def _await(selector: selectors.BaseSelector, end: socket.socket, *, read: bool, write: bool) -> None:
    """Have the selector look for just this at one end."""
    wanted = (selectors.EVENT_READ if read else 0) | (selectors.EVENT_WRITE if write else 0)
    known = selector.get_map().get(end.fileno())
    if known is not None and known.events != wanted:
        selector.unregister(end)
    if wanted and (known is None or known.events != wanted):
        selector.register(end, wanted)


def _take(end: socket.socket, into: bytearray) -> bool:
    """A block of what has come, if anything has; False at the end of the stream."""
    try:
        data = end.recv(_BLOCK)
    except _NOT_NOW:
        return True
    into += data
    return bool(data)


def _give(end: socket.socket, out_of: bytearray) -> None:
    """As much as is taken without waiting."""
    with suppress(*_NOT_NOW):
        while out_of:
            del out_of[: end.send(out_of)]
