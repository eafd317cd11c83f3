"""What sort of address a name resolved to. Pure.

Nobody can tell a right address from a wrong one by its digits; but some cannot be right for a host of the internet.
"""

from __future__ import annotations

import ipaddress

from hfpush.diagnose.facts.names import Kind
from hfpush.net.no_proxy import address_of

_FAKE = (
    ipaddress.ip_network("198.18.0.0/15"),  # RFC 2544, for benchmarks; Clash and sing-box make up names' addresses here
    ipaddress.ip_network("fc00::/18"),  # sing-box's for IPv6
)
_MADE_UP = ipaddress.ip_network("224.0.0.0/4")  # proxychains' remote_dns_subnet; no host has such an address


def kind_of(address: str, host: str, *, wrapped: bool = False) -> Kind:
    """The sort of an address in answer to the name `host`. `wrapped`: a library that is preloaded answered (as
    proxychains, which may also be told to make up loopback addresses)."""
    parsed = address_of(address)
    if parsed is None:
        return "public"
    if parsed.version == 4 and parsed in _MADE_UP:
        return "wrapper"
    if parsed.is_loopback or parsed.is_unspecified or (parsed.version == 4 and parsed.packed[0] == 0):
        if wrapped:
            return "wrapper"
        return "private" if means_this_machine(host) else "sinkhole"
    if any(parsed.version == net.version and parsed in net for net in _FAKE):
        return "fake"
    return "public" if parsed.is_global else "private"


def means_this_machine(host: str) -> bool:
    """Whether a name says by itself that it is this machine: `localhost`, or a name without a dot."""
    name = host.lower().rstrip(".")
    return "." not in name or name.endswith((".localhost", ".localdomain")) or address_of(host) is not None
