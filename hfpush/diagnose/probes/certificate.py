"""What stands in a certificate, whether anybody believes it or not (DER, RFC 5280). Pure.

Python hands out the fields of a certificate only when it is trusted.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterator
from datetime import datetime, timezone

from hfpush.diagnose.facts.tls import Certificate
from hfpush.net.der import SEQUENCE, items, only, signed_fields
from hfpush.net.issuer import name_in
from hfpush.net.redact import redact

_EXTENSIONS, _OCTETS, _UTC = 0xA3, 0x04, 0x17
_ALTERNATIVE_NAMES = b"\x55\x1d\x11"
_DNS, _ADDRESS = 0x82, 0x87
_MOST_NAMES = 20
_LONGEST = 200


def read_certificate(der: bytes) -> Certificate | None:
    """The certificate; None for what is none."""
    try:
        fields = signed_fields(der)
        issuer, validity, subject = fields[2][1], list(items(fields[3][1])), fields[4][1]
        names = tuple(dict.fromkeys(_names(fields[5:])))[:_MOST_NAMES]
        return Certificate(
            subject=_shown(name_in(subject)),
            issuer=_shown(name_in(issuer)),
            names=names,
            begins=_time(*validity[0]),
            ends=_time(*validity[1]),
            fingerprint=hashlib.sha256(der).hexdigest(),
        )
    except (ValueError, IndexError, OverflowError):
        return None


def _shown(name: str | None) -> str:
    return redact(" ".join((name or "").split()))[:_LONGEST]


def _time(tag: int, value: bytes) -> float:
    """UTCTime with two digits of a year, of which 50 and more are of the last century; GeneralizedTime with four."""
    text = value.decode("ascii")
    if tag == _UTC:
        text = ("19" if text[:2] >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=timezone.utc).timestamp()


def _names(fields: list[tuple[int, bytes]]) -> Iterator[str]:
    extensions = next((value for tag, value in fields if tag == _EXTENSIONS), b"")
    for _, extension in items(only(extensions, SEQUENCE)) if extensions else ():
        parts = list(items(extension))
        if parts[0][1] != _ALTERNATIVE_NAMES or parts[-1][0] != _OCTETS:
            continue
        for tag, value in items(only(parts[-1][1], SEQUENCE)):
            if tag == _DNS:
                yield _shown(value.decode("ascii"))
            elif tag == _ADDRESS:
                yield str(ipaddress.ip_address(value))
