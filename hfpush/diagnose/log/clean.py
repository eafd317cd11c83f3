"""A line of a log as it may be shown: without secrets, without what moves a cursor, and not too long."""

from __future__ import annotations

import re

from hfpush.net.redact import redact

SHOWN = 600
_END = 200
_TOKEN_IN_URL = re.compile(
    r"://[^/\s@\"']{0,200}?hf_[A-Za-z0-9]{16,200}@|Userinfo=&\{[^}\s]{0,200} hf_[A-Za-z0-9]{16,200} true\}"
)
# The sequences of ECMA-48: CSI with its parameters, strings (OSC, DCS …) up to their end, and the two-letter ones.
_SEQUENCES = (
    r"{esc}\[[0-?]{{0,64}}[ -/]{{0,8}}[@-~]"
    r"|{esc}[\]PX^_][^\x07\x1b]{{0,4000}}?(?:{bell}|{esc}\\)"
    r"|{esc}[ -/]{{0,8}}[0-~]"
)
_ESCAPES = re.compile(_SEQUENCES.format(esc="\x1b", bell="\x07"))
_WRITTEN_OUT = re.compile(_SEQUENCES.format(esc=r"\\x1b", bell=r"\\x07"))


def plain(raw: str) -> str:
    """A line as a terminal shows it, its secrets still in."""
    return _ESCAPES.sub("", raw) if "\x1b" in raw else raw


def clean(raw: str) -> str:
    """One line, at most SHOWN characters of it, its beginning and its end."""
    text = redact(raw)
    if "\\x1b" in text:  # a sequence may have split a secret, or have swallowed its first letter
        text = redact(_WRITTEN_OUT.sub("", text))
    text = " ".join(text.split())
    if len(text) > SHOWN:
        text = f"{text[: SHOWN - _END]} … {text[-_END:]}"
    return text


def shows_token(raw: str) -> bool:
    """Whether a line as it was found holds a token of the Hub within a URL, as git-lfs prints one from a remote."""
    return "hf_" in raw and _TOKEN_IN_URL.search(raw) is not None
