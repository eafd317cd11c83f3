"""The door that git is given in place of an endpoint: plain HTTP on the loopback, one repository, git's three requests.

git appends its paths to `url` and shows `secret` as a password; both are made anew for each door. Whoever lacks one of
them learns nothing: argument vectors, which show git's URL, can be read by every user of the machine, so the URL alone
opens nothing. What is asked upstream, and how often, is upstream.py's business.
"""

from __future__ import annotations

import hmac
import secrets
import socket
import threading
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl

from hfpush.bridge.loopback import STRANGER_SECONDS, Loopback
from hfpush.bridge.request_body import BadBody, blocks
from hfpush.bridge.spool import Spool
from hfpush.bridge.upstream import Asked, OnSent, Service, Upstream
from hfpush.endpoints import RepoAddress
from hfpush.errors import HfpushError
from hfpush.net.http import Http
from hfpush.net.retry import OnWait, RetryPolicy

_SERVICES = ("git-upload-pack", "git-receive-pack")
_SILENT_SECONDS = 600.0


class _Closed(Exception):
    """The door was closed while a request waited for its next attempt."""


class GitDoor:
    """An open door. Made by `git_door`; safe to use from several threads."""

    def __init__(
        self,
        http: Http,
        address: RepoAddress,
        policy: RetryPolicy,
        *,
        on_wait: OnWait | None,
        on_sent: OnSent | None,
        spool_dir: Path | None,
    ) -> None:
        self._upstream = Upstream(
            http, address, policy, sleep=self._sleep, on_wait=on_wait, moved=self._tick, on_sent=on_sent
        )
        self._path = f"/{secrets.token_hex(12)}/{address}"
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._busy = 0
        self._moved = time.monotonic()
        self._failure: Exception | None = None
        self.spool_dir = spool_dir
        self.secret = secrets.token_urlsafe(32)
        self.shown = address.web_url
        self._loopback = Loopback(self._serve, self._met)

    @property
    def url(self) -> str:
        """What git is given as the address of the repository."""
        return f"http://{self.place}{self._path}"

    @property
    def place(self) -> str:
        """Its host and port: the only ones that it answers to, so that no page in a browser asks it by a name of its
        own that leads here."""
        return f"127.0.0.1:{self._loopback.port}"

    def known(self) -> None:
        """Whoever is served in this thread has shown the secret."""
        self._loopback.known()

    def begin(self) -> None:
        """A git command begins: what the door met before is no longer told."""
        self._failure = None
        self._moved = time.monotonic()

    def failure(self) -> Exception | None:
        """What ended one of git's requests since `begin`: the last error that was met, None if there was none."""
        return self._failure

    def alive(self) -> float:
        """When there was the last sign of life, in the time of `time.monotonic`: bytes that moved; and now, while the
        endpoint is being asked or the next attempt is near, for each of these waits has a bound of its own."""
        return time.monotonic() if self._busy else self._moved

    def _serve(self, connection: socket.socket) -> None:
        _Handler(connection, connection.getpeername(), cast(Any, self))

    def _met(self, error: Exception) -> None:
        if not isinstance(error, _Closed):
            self._failure = error

    def _tick(self) -> None:
        self._moved = time.monotonic()

    def _sleep(self, seconds: float) -> None:
        if self._closed.wait(seconds):
            raise _Closed

    @contextmanager
    def _asking(self) -> Iterator[Upstream]:
        with self._lock:
            self._busy += 1
        try:
            yield self._upstream
        finally:
            self._tick()
            with self._lock:
                self._busy -= 1

    def close(self) -> None:
        """Let nobody in any more; whoever is inside is sent away, and a wait for another attempt ends."""
        self._closed.set()
        self._loopback.close()


@contextmanager
def git_door(
    http: Http,
    address: RepoAddress,
    policy: RetryPolicy,
    *,
    on_wait: OnWait | None = None,
    on_sent: OnSent | None = None,
    spool_dir: Path | None = None,
) -> Iterator[GitDoor]:
    """A door to `address` for the time of a `with` block; `http` brings the token, the proxies and the time limits.

    In threads of the door, `on_wait` is told before each wait for another attempt, and `on_sent` how much of a request
    has gone, and its size. A pack is kept in `spool_dir` while it is sent, in a file without a name.
    """
    door = GitDoor(http, address, policy, on_wait=on_wait, on_sent=on_sent, spool_dir=spool_dir)
    try:
        yield door
    finally:
        door.close()


class _Handler(BaseHTTPRequestHandler):
    """One connection of git."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = STRANGER_SECONDS
    server: Any  # the door

    @property
    def _door(self) -> GitDoor:
        return cast(GitDoor, self.server)

    def do_GET(self) -> None:
        """Answer `info/refs`."""
        self._begun = False
        self.close_connection |= not {"content-length", "transfer-encoding"}.isdisjoint(self._lines())  # it is not read
        path, _, query = self.path.partition("?")
        service = dict(parse_qsl(query)).get("service")
        if service not in _SERVICES:
            self._missing()
        elif self._enters(path, "/info/refs"):
            self._refs(cast(Service, service))

    def _refs(self, service: Service) -> None:
        with self._told_to_git(), self._door._asking() as upstream:
            answer = upstream.refs(service, Asked.of(self._lines()))
            self._answer(200, f"application/x-{service}-advertisement", answer)

    def do_POST(self) -> None:
        """Answer one of the two services."""
        self._begun = False
        service = next((name for name in _SERVICES if self.path.endswith(f"/{name}")), None)
        self.close_connection = True  # until the body was read
        if service is None:
            self._missing()
        elif self._enters(self.path, f"/{service}"):
            self._serve(cast(Service, service))

    def _serve(self, service: Service) -> None:
        asked = Asked.of(self._lines())
        with self._told_to_git(), Spool(self._door.spool_dir) as body:
            body.fill(self._noticed(blocks(self.rfile, self._lines())))
            self.close_connection = False
            self._kind = f"application/x-{service}-result"
            with self._door._asking() as upstream:
                serve = upstream.push if service == "git-receive-pack" else upstream.fetch
                serve(body, asked, self._write)
                self._end()

    # -- who may come in -------------------------------------------------------------------------------------------

    def _enters(self, path: str, wanted: str) -> bool:
        """Whether this request may go on; otherwise it has been answered."""
        if path != self._door._path + wanted or self.headers.get_all("Host") != [self._door.place]:
            self._missing()
            return False
        if not hmac.compare_digest(_password(self.headers.get("Authorization", "")), self._door.secret.encode()):
            self._answer(401, "text/plain", b"", **{"WWW-Authenticate": 'Basic realm="hfpush"'})
            return False
        self._door.known()
        self.connection.settimeout(_SILENT_SECONDS)
        return True

    def _missing(self) -> None:
        self._answer(404, "text/plain", b"")

    def _lines(self) -> dict[str, str]:
        """The header lines by name in lower case. What is given twice is one line with a comma."""
        return {name.lower(): ", ".join(self.headers.get_all(name, ())) for name in self.headers}

    # -- answering -------------------------------------------------------------------------------------------------

    @contextmanager
    def _told_to_git(self) -> Iterator[None]:
        """What goes wrong at the endpoint ends the request; the door remembers it, for git says less."""
        try:
            yield
        except HfpushError as error:
            self._door._met(error)
            if self._begun:
                self.close_connection = True  # without the last chunk: git sees that the answer is not whole
            else:
                status = error.status if error.status in (403, 404, 413) else 502
                self._answer(status, "text/plain; charset=utf-8", f"{error.finding.message}\n".encode())
        except _Closed:
            self.close_connection = True
        except BadBody:
            self._answer(400, "text/plain", b"the request's body cannot be read\n")

    def _noticed(self, data: Iterator[bytes]) -> Iterator[bytes]:
        for block in data:
            self._door._tick()
            yield block

    def _head(self, status: int, kind: str, **more: str) -> None:
        self._begun = True
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Cache-Control": "no-cache", **more}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def _answer(self, status: int, kind: str, content: bytes, **more: str) -> None:
        self._head(status, kind, **{"Content-Length": str(len(content))}, **more)
        self.wfile.write(content)

    def _write(self, data: bytes) -> None:
        if not self._begun:
            self._head(200, self._kind, **{"Transfer-Encoding": "chunked"})
        if data:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

    def _end(self) -> None:
        self._write(b"")
        self.wfile.write(b"0\r\n\r\n")

    # -- of the base class -----------------------------------------------------------------------------------------

    def version_string(self) -> str:
        """What the header Server says."""
        return "hfpush"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed: what matters is an error that the door remembers."""


def _password(authorization: str) -> bytes:
    """The password of Basic credentials; empty for anything else."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return b64decode(encoded, validate=True).partition(b":")[2]
    except ValueError:
        return b""
