"""Whether HTTP/2 works on the way to an endpoint: git and git-lfs speak it where the server offers it, hfpush does not.

One request without a token on a connection of its own. What breaks HTTP/2 (a middlebox, a server) does so within the
first answer: a stream that is reset, a connection that is ended, silence.
"""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import suppress
from typing import Literal
from urllib.parse import urlsplit

from hfpush.diagnose.probes.http2_frames import GOAWAY, Frames, answer_to, request
from hfpush.errors import HfpushError
from hfpush.net.dial import dial
from hfpush.net.http import Http

H2 = Literal["ok", "broken", "not-offered", "not-tried"]
_NO_ERROR, _HTTP_1_1_REQUIRED = 0, 13
_ERRORS = {
    1: "PROTOCOL_ERROR",
    2: "INTERNAL_ERROR",
    3: "FLOW_CONTROL_ERROR",
    7: "REFUSED_STREAM",
    8: "CANCEL",
    9: "COMPRESSION_ERROR",
    11: "ENHANCE_YOUR_CALM",
    12: "INADEQUATE_SECURITY",
}
_MOST = 1 << 20
_BLOCK = 1 << 16


def try_http2(http: Http, seconds: float) -> tuple[H2, str]:
    """How it goes, and what was seen where it breaks. Never raises; `not-tried` where there is no TLS connection."""
    end = time.monotonic() + seconds
    if seconds <= 0:
        return "not-tried", ""
    parts = urlsplit(http.endpoint.url)
    host, port = parts.hostname or "", parts.port or 443
    try:
        route = http.way(http.endpoint.url)
        connection = dial(host, port, route, connect_seconds=seconds, ca_bundle=http.network.ca_bundle)
    except HfpushError:
        return "not-tried", ""
    with connection:
        try:
            connection.settimeout(max(0.1, end - time.monotonic()))
            secured = _context().wrap_socket(connection, server_hostname=host)
        except OSError:
            return "not-tried", ""
        with secured:
            if secured.selected_alpn_protocol() != "h2":
                return "not-offered", ""
            return _asked(secured, parts.netloc, f"{parts.path}/api/whoami-v2", end)


def _context() -> ssl.SSLContext:
    """Offers both, as curl does. Who is there is not looked at: nothing that is secret is said."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


def _asked(connection: socket.socket, host: str, path: str, end: float) -> tuple[H2, str]:
    frames, got = Frames(), 0
    try:
        connection.sendall(request(host, path, "hfpush"))
        while got < _MOST:
            connection.settimeout(max(0.05, end - time.monotonic()))
            data = connection.recv(_BLOCK)
            if not data:
                return "broken", "the connection was closed before the answer was whole"
            got += len(data)
            for one in frames.feed(data):
                if one.error == _HTTP_1_1_REQUIRED:
                    return "not-offered", ""
                if one.error is not None and not (one.kind == GOAWAY and one.error == _NO_ERROR):
                    what = "the connection was ended" if one.kind == GOAWAY else "the stream was reset"
                    return "broken", f"{what} with {_ERRORS.get(one.error, f'error {one.error}')}"
                if one.ends and one.stream == 1:
                    return "ok", ""
                with suppress(ConnectionError):  # it may have said all, and gone
                    connection.sendall(answer_to(one))
    except TimeoutError:
        return "broken", "there was no whole answer in time"
    except ValueError as error:
        return "broken", f"what came is no HTTP/2: {error}"
    except OSError as error:
        return "broken", f"the connection was cut: {error.strerror or type(error).__name__}"
    return "ok", ""
