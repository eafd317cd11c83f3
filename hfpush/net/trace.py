"""What a run did on the network, line by line, in a file that can be pasted into a report.

A line has the time since the run began, the connection's number, and what happened:

       0.412 #3 PUT storage.example/part/12, 16.0 MB; content-type: application/octet-stream
       2.108 #3 200 after 1.696 s; etag: "…"; server: nginx

Of an address there are host and path, never a query; of headers those of a list; and every line passes net/redact.py
and loses the secrets of this run. A line is in the file as soon as it is told: a kill loses nothing. Lines are
appended; nobody else may read the file. docs/state.md says the same.
"""

from __future__ import annotations

import contextlib
import os
import re
import ssl
import stat
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

from hfpush import units
from hfpush.errors import LocalTrouble
from hfpush.findings import Finding
from hfpush.net.news import Moving, News, Noticed
from hfpush.net.redact import place, redact

_SHOWN = {
    *("content-length", "content-type", "content-range", "content-encoding", "transfer-encoding", "range"),
    *("etag", "date", "age", "server", "via", "connection", "retry-after", "ratelimit", "ratelimit-policy", "allow"),
    *("x-request-id", "x-error-code", "x-error-message", "x-repo-commit", "x-amz-request-id", "x-amz-id-2", "x-cache"),
    *("cf-ray", "x-amz-cf-pop", "x-linked-size", "x-linked-etag"),
}
_ADDRESSES = {"location", "link"}
_LONGEST = 2000
_WORTH_TELLING = 64 * 1024
_PROGRESS = re.compile(r"\b[0-9]{1,3}% \([0-9,/]")
_SHORTEST_SECRET = 4  # a shorter one is no secret, and would make the rest unreadable


class Trace:
    """A trace that is being written. Safe to use from several threads. Close it at the end.

    `clock` is a steady one in seconds. What cannot be written any more is lost, and `trouble` says why: a full disk is
    no reason for the work to fail.
    """

    def __init__(
        self, file: int, *, secrets: tuple[str, ...] = (), clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._file = file
        self._clock = clock
        self._began = clock()
        self._lock = threading.Lock()
        self._secrets: set[str] = set()
        self.trouble: str | None = None
        for secret in secrets:
            self.keep_secret(secret)

    @classmethod
    def open(cls, path: Path, *, secrets: tuple[str, ...] = ()) -> Trace:
        """A trace at the end of that file, which is made if it is not there. Raises LocalTrouble (`log-unwritable`)."""
        try:
            file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOCTTY, 0o600)
            if stat.S_ISREG(os.fstat(file).st_mode):
                with contextlib.suppress(PermissionError):  # somebody else's file, which lets us write
                    os.fchmod(file, 0o600)
        except OSError as error:
            raise LocalTrouble.of(
                "log-unwritable",
                "The file for the log cannot be written.",
                seen=(f"{path}: {error.strerror or error}",),
                to_try=("name a file in a folder that you may write to: --log hfpush.log",),
            ) from error
        return cls(file, secrets=secrets)

    def close(self) -> None:
        """Write nothing more."""
        with self._lock:
            if self._file >= 0:
                os.close(self._file)
            self._file = -1

    def keep_secret(self, secret: str | None) -> None:
        """From now on that text appears in no line, also as a URL would spell it."""
        if secret and len(secret) >= _SHORTEST_SECRET:
            spelled = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), unquote(secret)}
            self._secrets |= {one for one in spelled if len(one) >= _SHORTEST_SECRET}

    # -- what is told ----------------------------------------------------------------------------------------------

    def say(self, text: str, *, line: int | None = None) -> None:
        """One thing that happened, on a connection or apart from them."""
        safe = " | ".join(redact(text, *self._secrets).split("\n"))[:_LONGEST]
        number = "" if line is None else f"#{line} "
        with self._lock:
            if self._file < 0 or self.trouble is not None:
                return
            data = f"{self._clock() - self._began:9.3f} {number}{safe}\n".encode(errors="backslashreplace")
            try:
                os.write(self._file, data)
            except OSError as error:
                self.trouble = error.strerror or str(error)

    def words(self, source: str, text: str) -> None:
        """What another program said (git, git-lfs), each of its lines as one; of progress only its end."""
        for line in text.replace("\r", "\n").split("\n"):
            if line.strip() and (not _PROGRESS.search(line) or "done" in line):
                self.say(f"{source}: {line.strip()}")

    def news(self, item: News) -> None:
        """A stall, its end, or what was found out."""
        if isinstance(item, Noticed):
            self.finding(item.finding)
        else:
            self.say(f"{'moves' if isinstance(item, Moving) else 'STALL'} {item.text}")

    def waits(self, seconds: float, why: Finding) -> None:
        """Something is tried again in that many seconds."""
        self.say(f"waits {units.duration(seconds)}, then tries again: {_in_words(why)}")

    def finding(self, found: Finding) -> None:
        """A finding."""
        self.say(f"{found.severity.upper()} {_in_words(found)}")

    # -- what connections tell -------------------------------------------------------------------------------------

    def endpoint(self, name: str, url: str, kind: str, *, trusted: bool) -> None:
        """An endpoint is about to be spoken to."""
        self.say(f"endpoint {name}: {place(url)}, {kind}, {'trusted' if trusted else 'not trusted with a token'}")

    def dialled(self, line: int, host: str, peer: str, route: str, *, small: bool) -> None:
        """A TCP connection was made for `host`, to `peer`, by that route."""
        by = f", {route}" if route else "" if peer.rpartition(":")[0] == host else f" by way of {peer}"
        self.say(f"a connection to {host}{by}{' in small segments' if small else ''}", line=line)

    def connected(self, line: int, connection: Any, *, seconds: float) -> None:
        """It stands, with its TLS."""
        with contextlib.suppress(OSError, ValueError, AttributeError):  # gone already: the next line says so
            address = connection.getpeername()
            where = f"{address[0]} port {address[1]}" if isinstance(address, tuple) else "a pipe"
            self.say(f"connected to {where} in {seconds:.3f} s{_tls(connection)}", line=line)

    def failed(self, line: int, layer: str, error: BaseException, *, seconds: float) -> None:
        """It did not come about, or was lost."""
        self.say(f"{layer} failed after {seconds:.3f} s: {type(error).__name__}: {error}", line=line)

    def asking(self, line: int, method: str, host: str, target: str, headers: Mapping[str, Any]) -> None:
        """A request is sent; `target` is its path, or its URL towards a proxy."""
        path = urlsplit(target).path if "://" in target else target.partition("?")[0]
        names = {str(name).lower(): str(value) for name, value in headers.items()}
        length = names.pop("content-length", "")
        size = f", {units.size(int(length))}" if length.isdigit() else ""
        signed = ", signed" if "?" in target and "authorization" not in names else ""
        token = ", with a token" if "authorization" in names else ""
        self.say(f"{method} {host}{path}{size}{signed}{token}{_headers(names)}", line=line)

    def over(self, line: int, sent: int, received: int, *, seconds: float) -> None:
        """A request is over, with its answer; bytes on the wire, TLS and all."""
        if max(sent, received) >= _WORTH_TELLING:
            size = f"{units.size(sent)} sent, {units.size(received)} received"
            self.say(f"over after {seconds:.3f} s: {size}", line=line)

    def answered(self, line: int, status: int, headers: Mapping[str, Any], *, seconds: float) -> None:
        """The head of an answer has come."""
        names = {str(name).lower(): str(value) for name, value in headers.items()}
        self.say(f"{status} after {seconds:.3f} s{_headers(names)}", line=line)


def _headers(headers: Mapping[str, str]) -> str:
    shown = [f"{name}: {value}" for name, value in headers.items() if name in _SHOWN and value != "keep-alive"]
    shown += [f"{name}: {_address(value)}" for name, value in headers.items() if name in _ADDRESSES]
    return "".join(f"; {one}" for one in shown)


def _address(value: str) -> str:
    """Where an address leads, without its query; of a Link header the first one."""
    address = value.strip().lstrip("<").partition(">")[0].partition("?")[0]
    return place(address) if "://" in address else address


def _tls(connection: Any) -> str:
    if not isinstance(connection, ssl.SSLSocket):
        return ""
    certificate = connection.getpeercert() or {}
    issuer: dict[str, str] = {}
    parts: Any = certificate.get("issuer", ())
    for part in parts:
        issuer.update(part)
    names = [issuer[name] for name in ("organizationName", "commonName") if name in issuer]
    by = f", certificate by {', '.join(names)}" if names else ""
    cipher = connection.cipher()
    return f", {connection.version()} {cipher[0] if cipher else ''}{by}"


def _in_words(found: Finding) -> str:
    return "; ".join((f"{found.reference}: {found.message}", *found.evidence))
