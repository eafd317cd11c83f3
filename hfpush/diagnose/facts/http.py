"""What servers answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Asked = Literal["api", "repo", "refs", "push", "batch", "complete", "verify", "storage", "resolve", "xet-token", "cas"]


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. `url` is without query and login. `failure` is the reference of what went wrong
    before there was an answer, empty otherwise. `ahead` says how many seconds the server's clock is before ours, None
    where its answer does not tell. `redirects` are the places that it led to, in order."""

    what: Asked
    line: str = ""
    url: str = ""
    status: int = 0
    failure: str = ""
    kind: str = ""
    """The Content-Type."""
    server: str = ""
    code: str = ""
    """X-Error-Code."""
    said: str = ""
    html: bool = False
    ahead: float | None = None
    redirects: tuple[str, ...] = ()
    loop: bool = False
    insecure: str = ""
    """The http:// place to which an https answer led."""
    retry_after: float | None = None
    rate_limit: str = ""
    h2: Literal["ok", "broken", "not-offered", "not-tried"] = "not-tried"
    seconds: float = 0.0
