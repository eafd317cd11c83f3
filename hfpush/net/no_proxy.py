"""NO_PROXY, read generously: a host is bypassed where curl, Go or requests would each bypass it. Pure.

    hf.test           the host and everything below it, in any case, with or without a dot at the end
    .hf.test          the same (curl and requests; Go leaves out the host itself)
    *.hf.test         everything below it (Go), not the host itself
    hf.test:443       as hf.test, for this port alone (Go)
    10.1.2.3          this address, where the URL holds an address: names are never resolved for this
    10.0.0.0/8        addresses of this network (Go, curl, and requests for IPv4)
    ::1, [::1]:8080   IPv6, with or without brackets
    *                 everything

Entries stand between commas or spaces. What only one reader takes by accident is not taken: the end of a name that does
not begin at a dot (requests lets `face.co` bypass huggingface.co).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

_PORT = re.compile(r"(.*):([0-9]{1,5})", re.DOTALL)


@dataclass(frozen=True)
class NoProxy:
    """The entries of one or several such variables."""

    entries: tuple[str, ...] = ()

    @classmethod
    def of(cls, *texts: str) -> NoProxy:
        """The entries of all `texts` together. Nothing in a text is an error: what cannot be read bypasses nothing."""
        return cls(tuple(dict.fromkeys(entry for text in texts for entry in re.split(r"[,\s]+", text) if entry)))

    def bypasses(self, host: str, port: int | None) -> str | None:
        """The entry for which `host` (a name, or an address without brackets) is bypassed; None: it is not."""
        name = host.lower().strip("[]").removesuffix(".")
        address = address_of(name)
        return next((entry for entry in self.entries if _takes(entry, name, address, port)), None)


def address_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that `host` is; None for a name."""
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _takes(
    entry: str, name: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address | None, port: int | None
) -> bool:
    if entry == "*":
        return True
    wanted = entry.lower()
    if address is not None and "/" in wanted:
        return _network_holds(wanted, address)
    # "::1" alone is no host "::" with a port
    with_port = None if address_of(wanted) is not None else _PORT.fullmatch(wanted)
    if with_port:
        if port is None or int(with_port[2]) != port:
            return False
        wanted = with_port[1]
    if address is not None:
        return address_of(wanted) == address
    wanted = wanted.removesuffix(".")
    if wanted.startswith("*."):
        return name.endswith(wanted[1:]) and name != wanted[1:]
    if wanted.startswith("."):
        apex = not with_port and name == wanted[1:]  # curl and requests; with a port only Go understands it
        return len(wanted) > 1 and (apex or name.endswith(wanted))
    return bool(wanted) and (name == wanted or name.endswith(f".{wanted}"))


def _network_holds(network: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    base, _, bits = network.partition("/")
    try:
        return address in ipaddress.ip_network(f"{base.strip('[]')}/{bits}", strict=False)
    except ValueError:
        return False
