"""What servers answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Asked = Literal[
    "api", "repo", "access", "other-type", "refs", "push", "locks", "plain",
    "batch", "complete", "verify", "storage", "resolve", "xet-token", "cas",
]  # fmt: skip
"""What a request is for: `api` is who we are, `repo` what the Hub says of the repository, `access` whether its files
may be read, `other-type` whether there is one of that name of another type, `refs` and `push` git's first requests of a
fetch and a push, `locks` git-lfs's of a push, `plain` the Hub's host without TLS, where TLS with it is not believed."""


@dataclass(frozen=True)
class Exchange:
    """One request and the answer to it, the last one after redirects. `url` is where it began, without query and
    login. `failure` is the reference of what went wrong before there was an answer, empty otherwise; then `said` tells
    more. `ahead` says by how many seconds this machine's clock is ahead of the server's (negative: behind), None where
    the answer does not tell. `redirects` are the places that it led to, in order."""

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
    h2_said: str = ""
    login: bool = False
    """It is a page that wants somebody to log in, or to agree to something."""
    with_token: bool = False
