"""Bytes, rates and durations: parse what a user types, print what a user reads.

Sizes are decimal (kB, MB, GB) unless written with an i (KiB, MiB, GiB), as the Hub and disks count them.
"""

from __future__ import annotations

import re
from fractions import Fraction

_FACTORS = {
    "": 1,
    "b": 1,
    "k": 10**3,
    "kb": 10**3,
    "m": 10**6,
    "mb": 10**6,
    "g": 10**9,
    "gb": 10**9,
    "t": 10**12,
    "tb": 10**12,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
}
_SIZE = re.compile(r"\s*([0-9]{1,18}(?:\.[0-9]{1,9})?)\s*([a-zA-Z]*)\s*", re.ASCII)


def parse_size(text: str) -> int:
    """Bytes of `5GB`, `16 MiB`, `200000`. Raises ValueError with a sentence for anything else."""
    match = _SIZE.fullmatch(text)
    if match is None or match[2].lower() not in _FACTORS:
        raise ValueError(f"{text!r} is not a size; write for example 16MB, 10MiB or 5000000")
    return int(Fraction(match[1]) * _FACTORS[match[2].lower()])


def parse_rate(text: str) -> int:
    """Bytes a second of `8M`, `8MB/s`, `500k`, `1 MiB/s`. Raises ValueError with a sentence for anything else, and for
    less than one."""
    bare = re.sub(r"\s*/\s*s(?:ec)?\s*\Z", "", text, flags=re.IGNORECASE)
    match = _SIZE.fullmatch(bare)
    rate = int(Fraction(match[1]) * _FACTORS[match[2].lower()]) if match and match[2].lower() in _FACTORS else 0
    if rate < 1:
        raise ValueError(f"{text!r} is not a rate; write for example 8M, 500k or 1MiB/s, in bytes a second")
    return rate


def size(count: int | float) -> str:
    """Bytes as people read them: `999 B`, `1.0 kB`, `16.8 MB`, `5.0 GB`."""
    value = float(count)
    if value < 1000:
        return f"{int(value)} B"
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.95 or unit == "TB":
            return f"{value:.1f} {unit}"
    raise AssertionError("unreachable")


def rate(bytes_per_second: float) -> str:
    """A speed as people read it: `12.3 MB/s`."""
    return f"{size(max(bytes_per_second, 0))}/s"


def duration(seconds: float) -> str:
    """A time span as people read it: `0.4 s`, `12 s`, `3 min 05 s`, `2 h 07 min`."""
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """`1 object`, `3 objects`, `2,000 objects`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
