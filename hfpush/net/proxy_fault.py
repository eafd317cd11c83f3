"""What goes wrong between us and a proxy, or beyond it, as an exception that net/outages.py reads."""

from __future__ import annotations

from typing import Literal

Kind = Literal["unreached", "login", "refused", "failed", "lost", "other-kind", "untrusted"]
"""`unreached`: no connection to the proxy itself; `login`: it wants credentials, or others; `refused`: it does not
allow this host; `failed`: it tried, in vain; `lost`: it said yes, and then closed before the host said anything;
`other-kind`: what listens there is no proxy of the kind that its address says; `untrusted`: the certificate of an https
proxy is not trusted."""


class ProxyFault(OSError):
    """A proxy did not carry a connection. `named` is the variable or setting that names the proxy."""

    def __init__(self, kind: Kind, said: str, named: str, *, status: int = 0) -> None:
        super().__init__(said)
        self.kind: Kind = kind
        self.said = said
        self.named = named
        self.status = status
