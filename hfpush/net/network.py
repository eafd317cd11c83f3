"""How this process reaches the outside: one value, for everything that opens connections. Apart from what connects,
which is slow to load."""

from __future__ import annotations

from dataclasses import dataclass, field

from hfpush.net.patience import Patience


@dataclass(frozen=True)
class Network:
    """Time limits, and the file with the certificates that are trusted (None: as the environment says)."""

    patience: Patience = field(default_factory=Patience)
    ca_bundle: str | None = None
