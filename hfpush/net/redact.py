"""Make a text safe to show: no token, no password in a URL, no signed query."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_RULES = (
    (re.compile(r"\bhf_[A-Za-z0-9_]{6,}"), "hf_***"),
    (
        re.compile(r"(?i)\b((?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?(?:basic|bearer|token)?)\s+[^\s\"',]+"),
        r"\1 ***",
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), r"\1 ***"),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@\"'<>]+@"), r"\1***@"),
    (re.compile(r"(?i)\b(https?://[^\s?\"'<>]*)\?[^\s\"'<>]*"), r"\1?***"),
    (re.compile(r"(?i)\b((?:x-amz-)?(?:signature|credential|security-token)|token|password)=[^\s&\"'<>]+"), r"\1=***"),
)
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(9), 11, 12, *range(14, 32), 127, *range(128, 160))}


def redact(text: str, *secrets: str) -> str:
    """`text` with every token, URL password, signed query and each of `secrets` replaced by `***`.

    Control characters (but newline, tab and carriage return) are written out, so that a server's
    message cannot move the cursor or colour the terminal.
    """
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text.translate(_CONTROL)


def place(url: str) -> str:
    """Scheme, host and path of a URL: what may be shown of a signed one."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return redact(f"{parts.scheme}://{host}{parts.path}")
