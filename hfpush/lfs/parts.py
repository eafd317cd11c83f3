"""How an object is cut into parts. Pure."""

from __future__ import annotations


def part_count(size: int, part_bytes: int) -> int:
    """How many parts of `part_bytes` hold `size` bytes; the last may be shorter, an empty object has one empty part."""
    return max(1, -(-size // part_bytes))


def part_range(number: int, size: int, part_bytes: int) -> tuple[int, int]:
    """Bytes [start, stop) of part `number`, counted from 1."""
    start = (number - 1) * part_bytes
    return start, min(start + part_bytes, size)
