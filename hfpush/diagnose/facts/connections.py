"""What comes of connecting: to an address of a host, or to a host through a proxy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal[
    "ok",
    "refused",
    "unreachable",
    "silent",
    "cut",
    "unresolved",
    "proxy-unresolved",
    "proxy-unreached",
    "proxy-silent",
    "proxy-login",
    "proxy-refused",
    "proxy-failed",
    "proxy-other-kind",
    "proxy-untrusted",
]


@dataclass(frozen=True)
class Dial:
    """One try. `line` is facts.ways.line_name; `address` the one that was tried (of the proxy, where there is one).
    `status` is what an HTTP proxy answered, or the code of a SOCKS reply; `speaks` is what a proxy of the wrong kind
    was found to be (`http`, `socks5`, `tls`), empty where that could not be told."""

    line: str
    address: str = ""
    outcome: Outcome = "ok"
    status: int = 0
    speaks: str = ""
    offers: str = ""
    """Proxy-Authenticate of a 407, without what is secret."""
    said: str = ""
    seconds: float = 0.0
    interface: str = ""
    """The network interface by which it left, where it came about and that could be told."""
    mtu: int = 0
    """The largest packet that the interface takes, in bytes."""
