"""Values in DER, the form of certificates (X.690): tag, length, content. Pure; what they mean is their readers'."""

from __future__ import annotations

from collections.abc import Iterator

SEQUENCE = 0x30


def items(data: bytes) -> Iterator[tuple[int, bytes]]:
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


def only(data: bytes, tag: int) -> bytes:
    """The content of the first value. Raises ValueError where it has another tag, or there is none."""
    found, value = next(items(data), (0, b""))
    if found != tag:
        raise ValueError("another kind of value")
    return value


def signed_fields(certificate: bytes) -> list[tuple[int, bytes]]:
    """The fields of what is signed in a certificate (RFC 5280, 4.1), from its serial number on: that, the algorithm,
    the issuer, the validity, the subject, the key, the rest. Raises ValueError, IndexError for what is none."""
    fields = list(items(only(only(certificate, SEQUENCE), SEQUENCE)))
    if fields[0][0] == 0xA0:  # the version
        fields = fields[1:]
    if fields[0][0] != 0x02 or len(fields) < 6:
        raise ValueError("no certificate")
    return fields
