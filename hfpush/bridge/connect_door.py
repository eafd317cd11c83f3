"""A loopback HTTP proxy for the commands that we start: their traffic goes out as ours does.

CONNECT and plain http:// requests; each is dialled by our one rule for proxies. It serves only who knows its secret,
which is in the environment of our own commands: other users of the machine do not get our network and proxy logins.

Loopback is refused: a command reaches its own machine by itself (NO_PROXY), and asked through another proxy,
"localhost" would be that proxy's machine.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from hfpush.bridge.carry import abort, close_read, ready
from hfpush.bridge.met import Met, crowded, idle, loopback_asked
from hfpush.bridge.plain_request import forward
from hfpush.bridge.reach import Reach
from hfpush.bridge.request_head import END, MOST_BYTES, Asked, Unreadable, read_head
from hfpush.bridge.tunnel import Tunnel
from hfpush.errors import HfpushError, Unavailable
from hfpush.findings import Finding
from hfpush.net.redact import redact
from hfpush.net.routes import is_loopback
from hfpush.net.trace import Trace

T = TypeVar("T")
_USER = "hfpush"
_DIAL_WAITS = (0.2, 0.5)
_AT_ONCE = 1.0
_CONNECTED = b"HTTP/1.1 200 Connection established\r\n\r\n"


@dataclass(frozen=True)
class Limits:
    """What the door takes: connections and diallings at once; seconds for a request's head to arrive, without a byte
    in either direction, and until it is told that something is not reached yet. As many connections again may have
    shown no login yet."""

    connections: int = 256  # two files each: of 1024, which is the usual limit, the half
    dials: int = 64
    head_seconds: float = 30.0
    idle_seconds: float = 1800.0
    slow_seconds: float = 10.0


@dataclass(frozen=True)
class Door:
    """An open door: `url` has its secret in it, `place` is host:port, `met` what it has met so far."""

    url: str = field(repr=False)
    place: str
    met: Met


@contextmanager
def connect_door(
    reach: Reach,
    limits: Limits | None = None,
    *,
    trace: Trace | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> Iterator[Door]:
    """A door on a free port of 127.0.0.1, open within the block; then whatever it still carries is cut.

    `tell` is given a line while something takes long to be reached, by the door's own thread: it must be quick.
    """
    secret, met = secrets.token_hex(20), Met(trace, tell)
    if trace is not None:
        trace.keep_secret(secret)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        listener.setblocking(False)
        place = f"127.0.0.1:{listener.getsockname()[1]}"
        server = _Server(listener, reach, limits or Limits(), f"{_USER}:{secret}".encode("ascii"), met)
        thread = threading.Thread(target=server.run, name="connect-door", daemon=True)
        thread.start()
        try:
            yield Door(f"http://{_USER}:{secret}@{place}", place, met)
        finally:
            server.stop()
            thread.join()


class _Server:
    """The loop behind the door, in a thread of its own."""

    def __init__(self, listener: socket.socket, reach: Reach, limits: Limits, login: bytes, met: Met) -> None:
        self._listener, self._reach, self._limits, self._login, self._met = listener, reach, limits, login, met
        self._dialling = ThreadPoolExecutor(limits.dials, thread_name_prefix="dial")
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        self._clients: set[asyncio.Future[None]] = set()
        self._strangers: dict[asyncio.Future[None], None] = {}  # those without a login yet; the oldest first
        self._carried = 0

    def run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._dialling.shutdown(wait=False, cancel_futures=True)
            self._loop.close()

    def stop(self) -> None:
        with suppress(RuntimeError):  # the loop has ended by itself
            self._loop.call_soon_threadsafe(self._stopped.set)

    async def _serve(self) -> None:
        accepting = asyncio.ensure_future(self._accept())
        await self._stopped.wait()
        accepting.cancel()
        for task in self._clients:
            task.cancel()
        await asyncio.gather(accepting, *self._clients, return_exceptions=True)

    async def _accept(self) -> None:
        while True:
            try:
                client, _ = await self._loop.sock_accept(self._listener)
            except OSError:  # no more files, or the client is gone again: neither is a reason to end
                await asyncio.sleep(0.05)
                continue
            if len(self._strangers) >= self._limits.connections:  # whoever only stands in the way makes room
                oldest = next(iter(self._strangers))
                del self._strangers[oldest]
                oldest.cancel()
            task = asyncio.ensure_future(self._client(client))
            self._clients.add(task)
            self._strangers[task] = None
            task.add_done_callback(partial(self._gone, client))

    def _gone(self, client: socket.socket, task: asyncio.Future[None]) -> None:
        client.close()  # here, for a task that is cancelled before its first step never runs
        self._clients.discard(task)
        self._strangers.pop(task, None)

    async def _client(self, client: socket.socket) -> None:
        with suppress(OSError, asyncio.TimeoutError):
            ready(client)
            head, rest = await asyncio.wait_for(self._head(client), self._limits.head_seconds)
            await self._answer(client, head, rest)

    async def _head(self, client: socket.socket) -> tuple[bytes, bytes]:
        """The request's head, and what came behind it. Cut off when it has no end."""
        read = b""
        while END not in read:
            piece = await self._loop.sock_recv(client, MOST_BYTES)
            read += piece
            if not piece or len(read) > MOST_BYTES:
                break
        head, mark, rest = read.partition(END)
        return head + mark, rest

    async def _answer(self, client: socket.socket, head: bytes, rest: bytes) -> None:
        if not head:
            return
        try:
            asked = read_head(head)
        except Unreadable as error:
            await self._refuse(client, 400, f"hfpush cannot read this request: {error}")
            return
        if asked.login is None or not hmac.compare_digest(asked.login, self._login):
            await self._refuse(client, 407, "this proxy serves the commands that hfpush run has started")
            return
        if (task := asyncio.current_task()) is not None:
            self._strangers.pop(task, None)
        if self._carried >= self._limits.connections:
            self._met.add(crowded(self._limits.connections), asked.agent)
            await self._refuse(client, 503, "too many connections at once")
        elif is_loopback(asked.host):
            self._met.add(loopback_asked(), asked.agent)
            await self._refuse(client, 403, "hfpush run carries nothing to the machine itself; see NO_PROXY")
        else:
            self._carried += 1
            try:
                await self._carry(client, asked, rest)
            finally:
                self._carried -= 1

    async def _carry(self, client: socket.socket, asked: Asked, rest: bytes) -> None:
        try:
            number = self._met.asked(asked, self._reach.way(asked))
            if asked.is_tunnel:
                await self._tunnel(client, number, asked, rest)
            else:
                server, head = await self._reached(
                    number, asked, lambda: self._reach.plain(asked), lambda made: made[0].close()
                )
                ready(server)
                limit = self._limits.idle_seconds
                if not await forward(client, server, head, rest, asked.body, idle_seconds=limit):
                    self._met.add(idle(f"{asked.host}:{asked.port}"), asked.agent)
        except HfpushError as error:
            for found in (error.finding, *error.also):
                self._met.add(found, asked.agent)
            if client.fileno() >= 0:
                said = f"{error.finding.reference} (hfpush run): {error.finding.message}"
                await self._refuse(client, _status_of(error.finding), said)

    async def _tunnel(self, client: socket.socket, number: int, asked: Asked, rest: bytes) -> None:
        async def dialled() -> socket.socket:
            server = await self._reached(number, asked, lambda: self._reach.tunnel(asked), socket.socket.close)
            ready(server)
            return server

        server = await dialled()
        try:
            await self._loop.sock_sendall(client, _CONNECTED)
        except BaseException:
            abort(server)
            raise
        tunnel = Tunnel(client, server, dialled, idle_seconds=self._limits.idle_seconds, begun=rest)
        try:
            await tunnel.carry()
        finally:
            self._met.tunnelled(number, asked, tunnel.carried)

    async def _reached(self, number: int, asked: Asked, work: Callable[[], T], undo: Callable[[T], None]) -> T:
        """As `_dialled`, and told where it takes long."""
        began = self._loop.time()
        slow = self._loop.call_later(
            self._limits.slow_seconds, self._met.waits, number, asked, self._limits.slow_seconds
        )
        try:
            made = await self._dialled(work, undo)
        finally:
            slow.cancel()
        self._met.say(number, f"connected after {self._loop.time() - began:.3f} s")
        return made

    async def _dialled(self, work: Callable[[], T], undo: Callable[[T], None]) -> T:
        """What the work, done in a thread, gives; work that fails at once is tried again, as nothing was sent yet.

        If we do not wait for it any more, it is undone when it is there.
        """
        for wait in (*_DIAL_WAITS, None):
            began = self._loop.time()
            future = self._dialling.submit(work)
            try:
                return await asyncio.wrap_future(future)
            except asyncio.CancelledError:
                future.add_done_callback(lambda done: _undo(done, undo))
                raise
            except Unavailable:
                if wait is None or self._loop.time() - began > _AT_ONCE:
                    raise
                await asyncio.sleep(wait)
        raise AssertionError("the last of the waits is None")

    async def _refuse(self, client: socket.socket, status: int, why: str) -> None:
        """An answer that says no; git-lfs shows its first line, curl only the number."""
        reason = redact(why).encode("ascii", "replace").decode("ascii").replace("\n", " ")[:300]
        body = f"{reason}\n".encode("ascii")
        lines = [f"HTTP/1.1 {status} {reason}", "Content-Type: text/plain", f"Content-Length: {len(body)}"]
        lines += ['Proxy-Authenticate: Basic realm="hfpush run"'] if status == 407 else []
        await self._loop.sock_sendall(client, "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body)
        await close_read(client)


def _undo(done: Future[T], undo: Callable[[T], None]) -> None:
    if not done.cancelled() and done.exception() is None:
        undo(done.result())


def _status_of(found: Finding) -> int:
    """504 for what did not answer in time, else 502. Never 407: the client would take its login for the wrong one."""
    return 504 if "timeout" in found.reference else 502
