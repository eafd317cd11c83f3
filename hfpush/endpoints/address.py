"""The URL of an endpoint as a user writes it: read once, in one way, and parted from what is secret in it."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from hfpush.endpoints.endpoint import origin
from hfpush.errors import Misuse

_ANOTHER_NAME = {"https://hf.co": "https://huggingface.co"}  # redirects there, also for git


@dataclass(frozen=True)
class Address:
    """`url` has a scheme, a host in lower case, perhaps a path prefix, no slash at its end, and no secret.

    `secret` is the password that stood before the host, or the user name where that stood alone (git takes a token in
    either place).
    """

    url: str
    secret: str | None = field(default=None, repr=False)


def parse_address(text: str) -> Address:
    """What a user typed or pasted, taken apart. Raises Misuse (`endpoint-invalid`) and repeats nothing secret."""
    scheme, separator, rest = text.partition("://")
    cut = min((at for at in (rest.find(mark) for mark in "/?#\\") if at >= 0), default=len(rest))
    userinfo, at, host = rest[:cut].rpartition("@")
    plain = f"{scheme}{separator}{host}{rest[cut:]}"
    if origin(plain) is None or "?" in plain or "#" in plain:
        raise Misuse.of(
            "endpoint-invalid",
            f"{re.split('[?#]', plain)[0]!r} is not the URL of a Hub.",  # a query may hold a secret
            to_try=("give a URL such as https://huggingface.co or http://127.0.0.1:8080, without '?' and '#'",),
        )
    parts = urlsplit(plain)
    url = f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"
    user, _, password = userinfo.partition(":")
    return Address(_ANOTHER_NAME.get(url, url), unquote(password or user) or None if at else None)


def host_of(url: str) -> str:
    """Host, and port where there is one, of a URL that `parse_address` gave."""
    return urlsplit(url).netloc


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this very machine, whatever its resolver says: an address such as 127.0.0.1, or
    `localhost`."""
    found = origin(url)
    if found is None:
        return False
    host = found[1]
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
