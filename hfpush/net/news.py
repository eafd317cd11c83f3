"""What is told of connections: one stands still, it moves again, something was found out. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from hfpush import units
from hfpush.findings import Finding

RESOLVING = "resolving the name"
CONNECTING = "connecting"
HANDSHAKE = "TLS handshake"
SENDING = "sending"
ANSWER = "waiting for the answer"
RECEIVING = "receiving"
READING = "reading the local file"
KEEPING = "writing to the local disk"
"""The layers of a request, in their order; and, where a proxy is asked for a way, what `tunnel` returns."""

_WORTH_TELLING = 64 * 1024  # bytes of a body: a shorter one is a question


def tunnel(proxy: str) -> str:
    """The layer in which a proxy makes the way to a host."""
    return f"through proxy {proxy}: CONNECT"


@dataclass(frozen=True)
class Stalled:
    """On `lines` connections to a host nothing has moved for `seconds`; of a body of `size` bytes `there` are known to
    have arrived, on the first of them."""

    host: str
    layer: str
    seconds: float
    lines: int = 1
    role: str = ""
    size: int = 0
    there: int = 0

    @property
    def text(self) -> str:
        """It in one line, without a full stop."""
        who = f"{self.role} {self.host}".strip()
        if self.lines > 1:
            who = f"{self.lines} connections to {who}"
        what = {
            SENDING: "sending, nothing acknowledged",
            RECEIVING: "receiving, nothing came",
        }.get(self.layer, self.layer)
        return f"{who}: {what} for {round(self.seconds)} s{self._body}"

    @property
    def _body(self) -> str:
        if self.layer == SENDING and self.size and self.lines == 1:
            return f"; {units.size(self.there)} of {units.size(self.size)} of this part are there"
        if self.layer == ANSWER and self.size >= _WORTH_TELLING and self.lines == 1:
            return f"; all {units.size(self.size)} are there"
        return ""


@dataclass(frozen=True)
class Moving:
    """Bytes move again at a host of which a stall was told, after so many seconds."""

    host: str
    seconds: float
    role: str = ""

    @property
    def text(self) -> str:
        """It in one line, without a full stop."""
        return f"{f'{self.role} {self.host}'.strip()}: moving again after {round(self.seconds)} s"


@dataclass(frozen=True)
class Noticed:
    """Something about the network that the user should know, though the work goes on."""

    finding: Finding

    @property
    def text(self) -> str:
        """It in one line."""
        return self.finding.message


News = Stalled | Moving | Noticed
