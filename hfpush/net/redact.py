"""Make a text safe to show: no token, no password in a URL, no signed query."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from urllib.parse import urlsplit

_QUERY = r"[^\s\"<>]*"  # it may hold a single quote; better to swallow the one that closes a text than to leak
_PACKED = r"[A-Za-z0-9._~+/=-]{8,}"
# What a variable, a field or a header with a secret is called; it stands alone, or behind other words.
_NAMES = (
    r"(?:(?<![a-z0-9])|(?<=%[0-9a-f]{2}))((?:x-amz-)?(?:signature|credential|security-token)|[a-z_-]{0,40}?"
    r"(?:token|password|passwd|passphrase|secret|api[_-]?key|access[_-]?key(?:[_-]?id)?))"
)
# That of a switch: a remedy with it is to be pasted. Nothing but its one letter may follow.
_SWITCHED = r"(?<=HF_HUB_DISABLE_IMPLICIT_TOKEN=)[01](?![^\s&\"'<>])"
# What stands in a remedy for a login that is to be filled in.
_PLACEHOLDER = r"USER:PASSWORD@[^\s/?#@\"<>]{0,300}(?![^\s/?#\"<>])"
# Every repetition that may begin anywhere is bounded: a hostile text takes no more than linear time.
_RULES = (
    (re.compile(r"hf(?:_|%5[fF]|\\u005[fF]|\\x5[fF])[A-Za-z0-9]{16,}"), "hf_***"),
    (re.compile(r"hf_(?:oauth|jwt|app)_[\w.-]{8,}"), "hf_***"),
    # The Hub's tokens of old, and what is signed as JSON.
    (re.compile(r"(?<![\w-])(?:api_(?:org_)?[A-Za-z]{24,}|eyJ[\w-]{8,}\.[\w.-]{8,})"), "***"),
    # Go's `%v` of a URL, which git-lfs prints by mistake: a name, the password, and whether there is one.
    (re.compile(r"(Userinfo=&\{)(?:[^\n]{0,600}?\s(?:true|false)\}|[^}\n]{0,600}\}?)"), r"\1***}"),
    (re.compile(r"(?i)\b((?:set-)?cookie2?[\"']?\s{0,4}[:=]\s{0,4})[^\r\n]+"), r"\1***"),
    (
        re.compile(r"(?i)\b((?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?(?:(?:basic|bearer|token)\b\s*)?)[^\s\"',]+"),
        r"\1***",
    ),
    # One may end with the name of the next.
    (re.compile(rf"(?i)\b(bearer|basic)\s+{_PACKED}(?:(?:(?<=bearer)|(?<=basic))\s+{_PACKED})*"), r"\1 ***"),
    (re.compile(rf"\b([A-Za-z][A-Za-z0-9+.-]{{0,20}}://)(?!{_PLACEHOLDER})[^\s/?#\"<>]+@"), r"\1***@"),
    (re.compile(r"(?i)\b(https?://[^\s?\"'<>]{0,4000})\?" + _QUERY), r"\1?***"),
    (re.compile(r"\?(?=[^\s\"<>]{0,400}=)" + _QUERY), "?***"),  # also behind a path alone, as libraries write it
    (re.compile(rf"(?i){_NAMES}(=|%3d)(?!{_SWITCHED})[^\s&\"'<>]+"), r"\1\2***"),
    (re.compile(rf"(?i)([\"']{_NAMES}\\?[\"']\s{{0,4}}:\s{{0,4}}\\?[\"'])[^\s\"'\\]+"), r"\1***"),
    (re.compile(rf"(?i){_NAMES}(:\s{{0,4}})(?:[\"'][^\s\"']+|[\w.~+/=-]{{12,}})"), r"\1\2***"),
)
_LEAST_PACKED = 8
_BIDI = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_WRITTEN_OUT = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), *range(127, 160))}
_WRITTEN_OUT |= {code: f"\\u{code:04x}" for code in (*_BIDI, 0x2028, 0x2029, *range(0xD800, 0xE000))}


def redact(text: str, *secrets: str) -> str:
    """`text` with every token, URL password, signed query and each of `secrets`, also as a part of a text in base64,
    replaced by `***`.

    Control characters (but newline and tab) are written out, and so is what turns the reading direction, so that
    a server's message cannot move the cursor, colour the terminal or show its words in another order.
    """
    for secret in sorted(filter(None, secrets), key=len, reverse=True):  # one may begin with another
        text = text.replace(secret, "***")
        for packed in _packed(secret):
            if packed in text:
                text = re.sub(r"[A-Za-z0-9+/]{0,200}" + re.escape(packed) + r"[A-Za-z0-9+/=]{0,200}", "***", text)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text.replace("\r\n", "\n").translate(_WRITTEN_OUT)


@cache
def _packed(secret: str) -> tuple[str, ...]:
    """What of a secret stays the same in base64 whatever stands around it: one text for each place in a group of three
    bytes where it can begin. Of a short one too little is left to know it by."""
    data = secret.encode("utf-8", "surrogateescape")
    if len(data) < _LEAST_PACKED:
        return ()
    texts = []
    for before in range(3):
        whole = (len(data) + before) * 8 // 6
        texts.append(b64encode(bytes(before) + data).decode()[-(-before * 8 // 6) : whole])
    return tuple(texts)


def place(url: str) -> str:
    """Scheme, host and path of a URL: what may be shown of a signed one. Takes any text, also what is no URL."""
    try:
        parts = urlsplit(url)
    except ValueError:  # "http://[": nothing in it can be told apart
        return "(an address that cannot be read)"
    host = parts.netloc.rpartition("@")[2]
    return redact(f"{parts.scheme}://{host}{parts.path}")
