"""HTTP's Range header, read into a half-open range. Pure."""

from __future__ import annotations

import re

_ONE = re.compile(r"bytes=\s*([0-9]*)\s*-\s*([0-9]*)\s*")


class Unsatisfiable(Exception):
    """The range lies outside the file: 416."""


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """`[start, stop)` of a single range of a file of `size` bytes, or None: the whole file is the answer.

    What is malformed, or asks for several ranges, is answered with the whole file, as RFC 9110 allows (14.2). Raises
    Unsatisfiable for a first byte at or behind the end, and for the last zero bytes.
    """
    found = _ONE.fullmatch(header.strip()) if header else None
    if found is None or found[1] == found[2] == "":
        return None
    if found[1] == "":
        length = int(found[2])
        if length == 0 or size == 0:
            raise Unsatisfiable
        return max(0, size - length), size
    start = int(found[1])
    if found[2] and int(found[2]) < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return start, min(size, int(found[2]) + 1) if found[2] else size
