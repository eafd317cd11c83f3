"""Who signed a certificate: the issuer's name, read from the certificate's own bytes (DER, RFC 5280).

Python hands out the fields of a certificate only when it is trusted; whom to trust is just what the user must be told.
"""

from __future__ import annotations

from collections.abc import Iterator

from hfpush.net.der import SEQUENCE, items, signed_fields

_NAMES = {b"\x55\x04\x03": "CN", b"\x55\x04\x0a": "O", b"\x55\x04\x0b": "OU"}
_UTF16 = 0x1E


def issuer_of(certificate: bytes) -> str | None:
    """The issuer's common name, and its organisation where there is one; None for what is no certificate."""
    try:
        tag, issuer = signed_fields(certificate)[2]
        return name_in(issuer) if tag == SEQUENCE else None
    except (ValueError, IndexError):
        return None


def name_in(name: bytes) -> str | None:
    """The common name and the organisation in a Name (RFC 5280, 4.1.2.4), None where it has neither. Raises ValueError,
    IndexError for what is no Name."""
    found = dict(_attributes(name))
    words = list(dict.fromkeys(found[part] for part in ("CN", "O", "OU") if found.get(part)))
    return ", ".join(words[:2]) or None


def _attributes(name: bytes) -> Iterator[tuple[str, str]]:
    for _, group in items(name):
        for _, pair in items(group):
            (_, kind), (tag, value) = list(items(pair))[:2]
            if kind in _NAMES:
                yield _NAMES[kind], value.decode("utf-16-be" if tag == _UTF16 else "utf-8", "replace")
