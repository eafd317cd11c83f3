"""Whose a ClientHello is, told by what it offers: as filters tell it."""

from __future__ import annotations

_CCM = b"\x13\x04"
"""TLS_AES_128_CCM_SHA256: among what GnuTLS offers by itself, and not among what OpenSSL and Go do."""


def is_of_gnutls(hello: bytes) -> bool:
    """Whether a ClientHello comes from GnuTLS, told by the ciphers that it offers."""
    start = 43 + 1 + hello[43]
    length = int.from_bytes(hello[start : start + 2], "big")
    ciphers = hello[start + 2 : start + 2 + length]
    return _CCM in [ciphers[at : at + 2] for at in range(0, length, 2)]
