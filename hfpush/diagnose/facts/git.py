"""What git itself says when it is asked for a repository of the Hub."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["ok", "answered", "failed", "late", "unknown"]
"""`ok`: it read the repository; `answered`: the Hub said no, so the way there works; `failed`: no answer came, for what
`reference` names; `late`: it did not end in time; `unknown`: it failed with words that nobody here knows."""
WITHOUT_ANSWER = frozenset(
    {
        *("name-unresolved", "dns-failing", "connect-timeout", "connection-refused", "host-unreachable"),
        *("proxy-failed", "proxy-login", "proxy-refused", "proxy-unusable", "proxy-scheme-unsupported"),
        *("tls-reset", "tls-closed", "tls-silent", "tls-version", "tls-failed", "tls-name-unknown", "tls-plaintext"),
        *("tls-untrusted", "certificate-expired", "certificate-not-yet-valid", "certificate-other-host"),
        *("git-ssl-backend", "connection-cut", "stalled", "http2-broken"),
    }
)
"""References of words that tell of a way on which no answer came."""


@dataclass(frozen=True)
class GitAsked:
    """`git ls-remote`, run away from any repository. `url` is what it was asked for and `line` the way that it takes by
    the user's settings; `failed` of `tries` got no answer, and `said` is the last word on it, without secrets."""

    url: str = ""
    line: str = ""
    outcome: Outcome = "unknown"
    reference: str = ""
    said: str = ""
    tries: int = 1
    failed: int = 0
    seconds: float = 0.0
