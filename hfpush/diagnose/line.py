"""A line to be tried: how a host is reached, with all that is needed for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from hfpush.diagnose.facts.ways import line_name
from hfpush.net.routes import STRAIGHT, Route


@dataclass(frozen=True)
class Line:
    """`via` is the proxy as it is shown, and `route` the same with its login. `secure` says that TLS is spoken with
    the host; `names` who resolves it."""

    host: str
    port: int
    via: str = ""
    secure: bool = True
    route: Route = field(default=STRAIGHT, repr=False)
    names: str = "here"

    @property
    def name(self) -> str:
        """As facts.ways.line_name has it."""
        return line_name(self.host, self.port, self.via)

    @property
    def url(self) -> str:
        """The root of the host."""
        place = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.secure else 'http'}://{place}:{self.port}/"
