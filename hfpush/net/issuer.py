"""Who signed a certificate: the issuer's name, read from the certificate's own bytes (DER, RFC 5280).

Python hands out the fields of a certificate only when it is trusted; whom to trust is just what the user must be told.
"""

from __future__ import annotations

from collections.abc import Iterator

_SEQUENCE, _INTEGER, _VERSION = 0x30, 0x02, 0xA0
_NAMES = {b"\x55\x04\x03": "CN", b"\x55\x04\x0a": "O", b"\x55\x04\x0b": "OU"}
_UTF16 = 0x1E


def issuer_of(certificate: bytes) -> str | None:
    """The issuer's common name, and its organisation where there is one; None for what is no certificate."""
    try:
        whole = _only(certificate, _SEQUENCE)
        fields = list(_items(_only(whole, _SEQUENCE)))
        if fields[0][0] == _VERSION:
            fields = fields[1:]
        if fields[0][0] != _INTEGER or fields[2][0] != _SEQUENCE:
            return None
        found = dict(_attributes(fields[2][1]))
    except (ValueError, IndexError):
        return None
    words = list(dict.fromkeys(found[name] for name in ("CN", "O", "OU") if found.get(name)))
    return ", ".join(words[:2]) or None


def _attributes(name: bytes) -> Iterator[tuple[str, str]]:
    for _, group in _items(name):
        for _, pair in _items(group):
            (_, kind), (tag, value) = list(_items(pair))[:2]
            if kind in _NAMES:
                yield _NAMES[kind], value.decode("utf-16-be" if tag == _UTF16 else "utf-8", "replace")


def _only(data: bytes, tag: int) -> bytes:
    found, value = next(_items(data), (0, b""))
    if found != tag:
        raise ValueError("another kind of value")
    return value


def _items(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each value in a row. Raises ValueError, IndexError for what ends too early."""
    at = 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length >= 0x80:
            count = length & 0x7F
            if not 0 < count <= 4:
                raise ValueError("a length that nobody writes")
            length, at = int.from_bytes(data[at : at + count], "big"), at + count
        if at + length > len(data):
            raise ValueError("cut off")
        yield tag, data[at : at + length]
        at += length
