"""Byte ranges: ours are half-open [start, stop); HTTP's are inclusive. Only this file speaks HTTP's kind. Pure."""

from __future__ import annotations

import re

_CONTENT_RANGE = re.compile(r"bytes\s+([0-9]{1,19})-([0-9]{1,19})/([0-9]{1,19}|\*)", re.ASCII)


def range_header(start: int, stop: int | None = None) -> str:
    """The `Range` header for bytes [start, stop), or from start to the end. Raises ValueError for an empty range."""
    if start < 0 or (stop is not None and stop <= start):
        raise ValueError(f"no bytes in [{start}, {stop})")
    return f"bytes={start}-" if stop is None else f"bytes={start}-{stop - 1}"


def parse_content_range(value: str) -> tuple[int, int, int | None] | None:
    """`(start, stop, total)` of a `Content-Range`, total None when it is `*`; None when it is not one."""
    match = _CONTENT_RANGE.fullmatch(value.strip())
    if match is None:
        return None
    start, stop = int(match[1]), int(match[2]) + 1
    total = None if match[3] == "*" else int(match[3])
    if stop <= start or (total is not None and stop > total):
        return None
    return start, stop, total
