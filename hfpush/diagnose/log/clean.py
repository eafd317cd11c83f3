"""A line of a log as it may be shown: without secrets, without what moves a cursor, and not too long."""

from __future__ import annotations

import re

from hfpush.net.redact import redact

SHOWN = 600
_END = 200
_TOKEN_IN_URL = re.compile(
    r"://[^/\s@\"']{0,200}?hf_[A-Za-z0-9]{16,200}@|Userinfo=&\{[^}\s]{0,200} hf_[A-Za-z0-9]{16,200} true\}"
)


def clean(text: str) -> str:
    """One line, at most SHOWN characters of it, its beginning and its end."""
    text = " ".join(redact(text).split())
    if len(text) > SHOWN:
        text = f"{text[: SHOWN - _END]} … {text[-_END:]}"
    return text


def shows_token(raw: str) -> bool:
    """Whether a line as it was found holds a token of the Hub within a URL, as git-lfs prints one from a remote."""
    return "hf_" in raw and _TOKEN_IN_URL.search(raw) is not None
