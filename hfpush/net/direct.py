"""Exchanges without the weight of requests: for the thousands of small objects of one upload or download.

requests prepares a request for 0.3 ms; of that, the transfer of small files needs nothing that is not the same for each
of its requests. Pools are those of the session's adapter, which is asked once per origin. Where a proxy has to be
spoken to in another form (plain http), there is no direct way and the session does it all.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
import urllib3

from hfpush.net.body import SliceBody
from hfpush.net.pool import Adapter

_BLOCK = 64 * 1024
_ONCE = urllib3.Retry.from_int(False, redirect=False)  # made anew for each request it is felt


@dataclass(frozen=True)
class Reply:
    """An answer of which nothing more will come: status, headers (names in any case), and its short body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Direct:
    """Exchanges over the pools of one adapter. Safe to use from several threads."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter
        self._pools: dict[str, urllib3.HTTPConnectionPool | None] = {}

    def pool(self, url: str) -> urllib3.HTTPConnectionPool | None:
        """The pool for the origin of `url`; None where only the session knows the way."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._pools:
            self._pools[origin] = self._adapter.pool(url)
        return self._pools[origin]

    def ask(
        self,
        pool: urllib3.HTTPConnectionPool,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | SliceBody | None,
        timeout: urllib3.Timeout,
        at_most: int,
        whole_seconds: float,
    ) -> Reply:
        """One request and its answer, the body up to `at_most` bytes. Raises what urllib3 and the system raise."""
        length = {} if body is None else {"Content-Length": str(len(body))}
        response = _begun(pool, method, url, body, {**headers, **length}, timeout)
        try:
            data = read_bounded(response, at_most=at_most, seconds=whole_seconds)
            if len(data) > at_most:  # not worth reading on: the connection is given up with the rest
                response.close()
        finally:
            response.release_conn()
        return Reply(response.status, response.headers, data[:at_most])

    def open(
        self, pool: urllib3.HTTPConnectionPool, url: str, *, headers: Mapping[str, str], timeout: urllib3.Timeout
    ) -> requests.Response:
        """The answer to a GET, its body not yet read, as the session has it. Raises what urllib3 and the system do."""
        raw = _begun(pool, "GET", url, None, headers, timeout)
        response = requests.Response()
        response.url, response.status_code, response.raw = url, raw.status, raw
        response.headers = raw.headers  # type: ignore[assignment]  # names in any case, as there
        return response


def _begun(
    pool: urllib3.HTTPConnectionPool,
    method: str,
    url: str,
    body: bytes | SliceBody | None,
    headers: Mapping[str, str],
    timeout: urllib3.Timeout,
) -> urllib3.BaseHTTPResponse:
    parts = urlsplit(url)
    return pool.urlopen(
        method,
        f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/",
        body=body,  # type: ignore[arg-type]  # anything with read() will do
        headers=headers,
        redirect=False,
        retries=_ONCE,
        assert_same_host=False,
        timeout=timeout,
        preload_content=False,
        decode_content=False,
    )


def read_bounded(response: urllib3.BaseHTTPResponse, *, at_most: int, seconds: float) -> bytes:
    """The body of an answer, decoded; reading stops beyond `at_most` bytes (then more than those come back).

    Raises TimeoutError when it is not complete after `seconds`, however steadily it drips.
    """
    content = bytearray()
    end = time.monotonic() + seconds
    while data := response.read1(_BLOCK, decode_content=True):
        content += data
        if time.monotonic() > end:
            raise TimeoutError(f"the answer was not complete after {seconds:g} s")
        if len(content) > at_most:
            break
    return bytes(content)
