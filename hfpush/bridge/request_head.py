"""The head of a request to a proxy: `CONNECT host:port`, or a plain `GET http://host/path`. Pure.

This is no HTTP server: only the request line and the fields that a proxy must change are understood (RFC 9110, 7.6 and
9.3.6; RFC 9112, 3.2). Bodies and answers are not looked at, but for the one field of an answer's head that says whether
the connection may be used again.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

END = b"\r\n\r\n"
MOST_BYTES = 64 * 1024
"""A head with more is none that we read."""

_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}) ([!-~]+) (HTTP/1\.[01])")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})")
_SIX = re.compile(r"[0-9A-Fa-f:.]{2,45}")
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: |$)")
# Fields that speak of one connection only (RFC 9110, 7.6.1); Transfer-Encoding stays, as the body stays as it is.
_OF_ONE_HOP = {b"connection", b"keep-alive", b"upgrade", b"http2-settings"}
_OF_THE_BODY = {b"content-length", b"transfer-encoding"}  # whatever Connection says: without them the body is lost


class Unreadable(Exception):
    """The head is none that we pass on; the text says why."""


@dataclass(frozen=True)
class Asked:
    """What a client asks of the proxy: to be connected with `host` (no brackets) at `port`.

    `login` is user:password of Proxy-Authorization, None without one. `agent` is the client's name for itself. `onward`
    is the head to send there first, for the server itself, and `through` the same for another proxy on the way; both
    are None for CONNECT. `body` is how many bytes of body follow, None when that is not said in a number. `url` is what
    a rule about proxies should be asked for.
    """

    host: str
    port: int
    url: str
    login: bytes | None = field(repr=False)
    agent: str = ""
    onward: bytes | None = field(default=None, repr=False)
    through: bytes | None = field(default=None, repr=False)
    body: int | None = None

    @property
    def is_tunnel(self) -> bool:
        """Whether it is CONNECT: bytes are carried both ways from now on."""
        return self.onward is None


def read_head(head: bytes) -> Asked:
    """What a request head, with the empty line that ends it, asks for. Raises Unreadable."""
    if len(head) > MOST_BYTES:
        raise Unreadable("it is too long")
    if not head.endswith(END) or head.find(END) != len(head) - len(END):
        raise Unreadable("it does not end where a head ends")
    first, *lines = head[: -len(END)].split(b"\r\n")
    matched = _LINE.fullmatch(first)
    if matched is None:
        raise Unreadable("its first line is no request line")
    method, target, version = matched.groups()
    fields = [_field(line) for line in lines]
    login = _login(_values(fields, b"proxy-authorization"))
    agent = _agent(_values(fields, b"user-agent"))
    if method == b"CONNECT":
        host, port = _place(target.decode("ascii"))
        shown = f"[{host}]" if ":" in host else host
        return Asked(host, port, f"https://{shown}" + ("" if port == 443 else f":{port}") + "/", login, agent)
    return _plain(method, target, version, fields, login, agent)


def _plain(
    method: bytes,
    target: bytes,
    version: bytes,
    fields: list[tuple[bytes, bytes]],
    login: bytes | None,
    agent: str,
) -> Asked:
    url = target.decode("ascii")
    if not url[:7].lower() == "http://" or "#" in url:
        raise Unreadable("only CONNECT and http:// addresses are carried")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise Unreadable("its address cannot be read") from error
    if "@" in parts.netloc:
        raise Unreadable("there is a user name in its address")
    host, port = _place(parts.netloc, 80)
    named = {word.strip().lower() for value in _values(fields, b"connection") for word in value.split(b",")}
    dropped = (_OF_ONE_HOP | (named - _OF_THE_BODY)) | {b"host"}
    kept = [
        (name, value)
        for name, value in fields
        if name.lower() not in dropped and not name.lower().startswith(b"proxy-")
    ]
    kept.insert(0, (b"Host", parts.netloc.encode("ascii")))  # the address counts (RFC 9112, 3.2.2): one host, not two
    tail = b"".join(b"%s: %s\r\n" % field for field in [*kept, (b"Connection", b"close")]) + b"\r\n"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    first = b"%s %s %s\r\n"
    return Asked(
        host,
        port,
        url,
        login,
        agent,
        onward=first % (method, path.encode("ascii"), version) + tail,
        through=first % (method, target, version) + tail,
        body=_body(kept),
    )


def _field(line: bytes) -> tuple[bytes, bytes]:
    matched = _FIELD.fullmatch(line)
    if matched is None:
        raise Unreadable("one of its fields is none")
    return matched[1], matched[2].rstrip(b" \t")


def _values(fields: list[tuple[bytes, bytes]], name: bytes) -> list[bytes]:
    return [value for one, value in fields if one.lower() == name]


def _login(values: list[bytes]) -> bytes | None:
    if len(values) != 1:
        return None
    scheme, _, text = values[0].partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None


def _agent(values: list[bytes]) -> str:
    words = values[0].split() if values else []
    return words[0].decode("ascii", "replace")[:60] if words else ""


def _body(fields: list[tuple[bytes, bytes]]) -> int | None:
    """Bytes of the body by Content-Length; 0 without one, None where its end stands in the body itself."""
    lengths = set(_values(fields, b"content-length"))
    if _values(fields, b"transfer-encoding"):
        if lengths:
            raise Unreadable("it gives the length of its body twice")
        return None
    if not lengths:
        return 0
    text = lengths.pop()
    if lengths or not re.fullmatch(rb"[0-9]{1,18}", text):
        raise Unreadable("it gives no length of its body that can be read")
    return int(text)


def _place(text: str, default: int | None = None) -> tuple[str, int]:
    """Host and port of `host:port` or `[v6]:port`."""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        good = bool(bracket) and _SIX.fullmatch(host) is not None and ":" in host
    else:
        host, colon, rest = text.partition(":")
        rest = colon + rest
        good = _NAME.fullmatch(host) is not None
    if not good or (rest and not re.fullmatch(r":[0-9]{1,5}", rest)) or not (rest or default):
        raise Unreadable("the host and port in it cannot be read")
    port = int(rest[1:]) if rest else int(default or 0)
    if not 0 < port < 65536:
        raise Unreadable("there is no such port")
    return host, port


def answer_head(head: bytes) -> tuple[int, bytes]:
    """Status and head of an answer, so changed that the client uses the connection for nothing else; an interim answer
    (1xx) is not changed. Raises Unreadable."""
    first, *lines = head.removesuffix(END).split(b"\r\n")
    matched = _STATUS.match(first)
    if matched is None or not head.endswith(END):
        raise Unreadable("the answer does not begin like one")
    status = int(matched[1])
    if status < 200:
        return status, head
    hop = (b"connection:", b"keep-alive:", b"proxy-connection:")
    kept = [line for line in lines if not line.lower().startswith(hop)]
    return status, b"\r\n".join([first, *kept, b"Connection: close"]) + END
