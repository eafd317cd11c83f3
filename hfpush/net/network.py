"""How this process reaches the outside: one value, for everything that opens connections. Apart from what connects,
which is slow to load."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hfpush.endpoints.endpoint import Endpoint
from hfpush.endpoints.known import HF
from hfpush.findings import Finding
from hfpush.net.patience import Patience
from hfpush.net.routes import Routes

if TYPE_CHECKING:
    from hfpush.net.lines import Lines
    from hfpush.net.trace import Trace


@dataclass(frozen=True)
class Network:
    """Time limits, the file with the certificates that are trusted (None: the usual ones, see net/trust.py), and the
    rule for proxies with what it looks at (None: the environment of this process). `lines` are told what connections
    do (net/watchdog.py watches them), and `trace` writes it down. `known` are the endpoints that the user knows by
    name: a trusted mirror may hand requests over to a trusted Hub among them (net/mirrored.py)."""

    patience: Patience = field(default_factory=Patience)
    ca_bundle: str | None = None
    routes: Routes | None = None
    lines: Lines | None = field(default=None, repr=False, compare=False)
    trace: Trace | None = field(default=None, repr=False, compare=False)
    known: tuple[Endpoint, ...] = (HF,)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What git's settings name for the network and does not count, for the user to know."""
        return () if self.routes is None else self.routes.git.notes
