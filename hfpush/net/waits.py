"""How long a server asks us to wait: `Retry-After` and the `RateLimit` header, as the Hub sends them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hfpush.net.server_clock import ahead, moment_of

_EXHAUSTED = re.compile(r";\s*r=0\s*;\s*t=([0-9]{1,9})\b", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", re.ASCII)


def asked_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that the answer asks for, or None. `now` is unix time, for a Retry-After that is a date, by the server's
    own clock.

    An exhausted `RateLimit` (`"api";r=0;t=55`: nothing left, 55 s to go) beats Retry-After, as in huggingface_hub; of
    several the longest counts. One second is added to it, since the window is counted in whole seconds.
    """
    exhausted = [float(match[1]) for match in _EXHAUSTED.finditer(headers.get("RateLimit", ""))]
    if exhausted:
        return max(exhausted) + 1
    value = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    when = moment_of(value)
    return None if when is None else max(0.0, when + ahead(headers, now) - now)
