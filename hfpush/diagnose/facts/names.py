"""What names resolve to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["public", "private", "sinkhole", "fake", "wrapper"]


@dataclass(frozen=True)
class Asked:
    """What one name server said when it was asked itself, for the IPv4 address. `said` is the name of its answer's
    code (`NOERROR`, `NXDOMAIN`, `SERVFAIL`, `REFUSED`), or `silent`, `no-server` (nothing listens there) or
    `unreachable` (there is no way to it)."""

    server: str
    said: str = ""
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lookup:
    """What this machine's resolver says of a host. `servers` are those it asks. `kinds` says of each address what sort
    it is: `sinkhole` stands for 0.0.0.0, loopback and the like in answer to a public name, `fake` for 198.18.0.0/15,
    `wrapper` for the addresses that proxychains makes up. `asked` is what the servers say themselves; they are asked
    only where the resolver's own answer has to be explained. `hosts_line` is the line of /etc/hosts that names the
    host, 0 where none does."""

    host: str
    outcome: Literal["ok", "no-such-name", "server-failure", "no-answer", "address"] = "ok"
    addresses: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    servers: tuple[str, ...] = ()
    said: str = ""
    seconds: float = 0.0
    asked: tuple[Asked, ...] = ()
    hosts_line: int = 0

    @property
    def failed(self) -> bool:
        """Whether there is no address."""
        return self.outcome not in ("ok", "address")

    def all_are(self, kind: Kind) -> bool:
        """Whether there are addresses, and all are of that kind."""
        return bool(self.kinds) and all(one == kind for one in self.kinds)
