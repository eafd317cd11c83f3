"""Connections that tell where they are: to the lines that a watchdog looks at, and to the trace.

Mixed into urllib3's connections by net/pool.py, in front of them. What they do is left as it is, but for small segments
where those are needed, and the reason why a connection was cut, in place of the accident that it looks like.
"""

from __future__ import annotations

import http.client
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from urllib3.connectionpool import HTTPConnectionPool

from hfpush.net import news
from hfpush.net.acked import Handle
from hfpush.net.lines import Line, Lines

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection as _Connection

    _Pool = HTTPConnectionPool
else:
    _Connection = _Pool = object

_CAUGHT = (OSError, http.client.HTTPException)


class Lined(_Connection):
    """A connection that tells its layers. `lines` is set in a subclass."""

    lines: ClassVar[Lines]
    _line: Line | None = None
    _answering = False

    def connect(self) -> None:
        """As urllib3 does it, told of."""
        line = self._mine()
        if not self.lines.is_busy(line):
            self.lines.begins(line, news.CONNECTING)
        try:
            super().connect()
        except BaseException as error:
            self._failed_to_connect(line, error)
            raise
        if self.lines.trace is not None:
            self.lines.trace.connected(line.number, self.sock, seconds=self.lines.clock() - line.began)

    def _new_conn(self) -> socket.socket:
        line = self._mine()
        self.lines.makes(line)
        self.lines.enters(line, news.CONNECTING)
        try:
            connection = super()._new_conn()
        finally:
            self.lines.made(line)
        if line.handle is None:
            line.handle = Handle.of(connection)
        if self.lines.trace is not None:
            route = getattr(getattr(self, "route", None), "shown", "")
            self.lines.trace.dialled(line.number, line.host, line.peer, route, small=line.small)
        self.lines.enters(line, news.HANDSHAKE if hasattr(self, "ssl_context") else news.SENDING)
        return connection

    def _tunnel(self) -> None:
        line = self._mine()
        self.lines.enters(line, news.tunnel(line.peer))
        super()._tunnel()
        self.lines.enters(line, news.HANDSHAKE)

    def request(self, method: str, url: str, body: Any = None, *args: Any, **kwargs: Any) -> None:
        """As urllib3 does it, told of."""
        line = self._mine()
        if urlsplit(url).hostname:  # a proxy for plain http
            line.host = urlsplit(url).hostname or line.host
        self.lines.begins(line, news.SENDING)
        line.size = _length(body)
        if self.lines.trace is not None:
            headers = kwargs.get("headers") or (args[0] if args else None)
            self.lines.trace.asking(line.number, method, line.host, url, headers or {})
        try:
            super().request(method, url, body, *args, **kwargs)
        except _CAUGHT as error:
            raise self._failure(line, error) from error

    def send(self, data: Any) -> None:
        """As http.client does it, counted."""
        super().send(data)
        if self._line is not None and isinstance(data, bytes | bytearray | memoryview):
            self._line.handed += len(data)

    def getresponse(self) -> Any:
        """As urllib3 does it, told of."""
        line = self._mine()
        self.lines.enters(line, news.ANSWER)
        self._answering = True  # a connection that ends with its answer is closed in here
        try:
            response = super().getresponse()
        except _CAUGHT as error:
            raise self._failure(line, error) from error
        finally:
            self._answering = False
        self.lines.enters(line, news.RECEIVING)
        if self.lines.trace is not None:
            seconds = self.lines.clock() - line.began
            self.lines.trace.answered(line.number, response.status, response.headers, seconds=seconds)
        return response

    def close(self) -> None:
        """As urllib3 does it, told of."""
        line = self._line
        if line is not None and not self._answering:
            self.lines.ends(line)
            self._line = None
        super().close()

    def rests(self) -> None:
        """The answer was read; the connection waits for the next request."""
        line = self._line
        if line is None:
            return
        if self.lines.trace is not None and self.lines.is_busy(line) and line.handle is not None:
            now = line.handle.counts()
            if now is not None:
                sent, received = now.acked - line.base, now.received - line.base_received
                self.lines.trace.over(line.number, sent, received, seconds=self.lines.clock() - line.began)
        self.lines.rests(line)

    def kept_waiting(self) -> None:
        """The reader of the answer waits of its own will; that is no stall."""
        if self._line is not None:
            self.lines.enters(self._line, self._line.layer)

    def _mine(self) -> Line:
        if self._line is None:
            host = self._tunnel_host or self.host
            self._line = self.lines.new(host, f"{self.host}:{self.port}")
        return self._line

    def _failure(self, line: Line, error: Exception) -> Exception:
        """Why a request failed: what we did to it ourselves, where we did."""
        why = line.cut or error
        if self.lines.trace is not None:
            self.lines.trace.failed(line.number, line.layer, why, seconds=self.lines.clock() - line.began)
        return why

    def _failed_to_connect(self, line: Line, error: BaseException) -> None:
        silent = isinstance(error, TimeoutError) and line.layer == news.HANDSHAKE
        if silent and not line.small:
            # Its first large packets may have got lost; with small ones it costs nothing to find out.
            self.lines.segments.try_small(line.peer)
        if self.lines.trace is not None:
            self.lines.trace.failed(line.number, line.layer, error, seconds=self.lines.clock() - line.began)
        self.lines.ends(line)


class LinedPool(_Pool):
    """A pool of such connections."""

    def _put_conn(self, conn: Any) -> None:
        if isinstance(conn, Lined):
            conn.rests()
        super()._put_conn(conn)


def lined(classes: Mapping[str, type[HTTPConnectionPool]], lines: Lines | None) -> dict[str, type[HTTPConnectionPool]]:
    """Pool classes by scheme, as given, whose connections tell `lines`; the same ones where there are none."""
    if lines is None:
        return dict(classes)
    return {scheme: _lined(pool, lines) for scheme, pool in classes.items()}


def _lined(pool: type[HTTPConnectionPool], lines: Lines) -> type[HTTPConnectionPool]:
    connection = type("LinedConnection", (Lined, pool.ConnectionCls), {"lines": lines})
    return type("LinedConnectionPool", (LinedPool, pool), {"ConnectionCls": connection})


def _length(body: Any) -> int:
    try:
        return len(body)
    except TypeError:
        return 0
