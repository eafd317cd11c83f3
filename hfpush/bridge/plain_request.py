"""One plain http request, carried: its head changed, its body and the answer's as they are.

The connection is used for this one request: so says the changed answer, and the client makes a new one for its next.
"""

from __future__ import annotations

import asyncio
import socket

from hfpush.bridge.carry import Carrier, Idle, abort, close_read
from hfpush.bridge.request_head import END, MOST_BYTES, Unreadable, answer_head


async def forward(
    client: socket.socket, server: socket.socket, head: bytes, body: bytes, most: int | None, *, idle_seconds: float
) -> bool:
    """Send `head` and the request's body, of which `body` has been read already and `most` bytes (None: until the
    answer ends) come in all; carry the answer back. Closes both sockets. False when nothing moved for too long."""
    loop, carrier = asyncio.get_running_loop(), Carrier(idle_seconds)
    try:
        body = body if most is None else body[:most]
        rest = None if most is None else most - len(body)
        await carrier.first_of(
            _answer(carrier, server, client),
            _ask(loop, carrier, (client, server), head + body, rest),
        )
        server.close()
        await close_read(client)
    except Idle:
        abort(client)
        abort(server)
        return False
    except OSError:
        abort(client)
        abort(server)
    except BaseException:
        abort(client)
        abort(server)
        raise
    return True


async def _ask(
    loop: asyncio.AbstractEventLoop,
    carrier: Carrier,
    both: tuple[socket.socket, socket.socket],
    begun: bytes,
    rest: int | None,
) -> None:
    client, server = both
    try:
        await loop.sock_sendall(server, begun)
        await carrier.stream(client, server, rest)
    except OSError:
        return  # a server may answer and close before it has read the whole body: its answer counts


async def _answer(carrier: Carrier, server: socket.socket, client: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    begun = b""
    while True:
        while END not in begun and len(begun) <= MOST_BYTES:
            piece = await loop.sock_recv(server, MOST_BYTES)
            if not piece:
                break
            carrier.moved(server, len(piece))
            begun += piece
        head, mark, rest = begun.partition(END)
        try:
            status, changed = answer_head(head + mark)
        except Unreadable:  # whoever asked will see what it is
            await loop.sock_sendall(client, begun)
            break
        await loop.sock_sendall(client, changed)
        begun = rest
        if status >= 200:
            await loop.sock_sendall(client, begun)
            break
    await carrier.stream(server, client)
