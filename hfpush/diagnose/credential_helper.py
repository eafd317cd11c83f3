"""git's credential helpers in a report. Pure."""

from __future__ import annotations

from hfpush.net.redact import redact


def shown_helper(value: str) -> str:
    """A credential helper as it may be shown: a line of shell that says a password is not."""
    if value.startswith("!") and "password" in value.lower():
        return "!*** (a line of shell that says a password)"
    return redact(value)[:200]
