"""What a git server says first to who fetches: which branches it has. Pure.

The form is gitprotocol-http's smart answer of version 0: lines with their length before them in four hexadecimal
digits, `0000` after each part.
"""

from __future__ import annotations

import re

_REF = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64}) refs/heads/")


def branches(body: bytes) -> tuple[str, ...] | None:
    """The commits at which branches stand, each once; empty for a repository without any. None for what is no such
    answer, or not all of one."""
    lines, at, flushes = [], 0, 0
    while at < len(body):
        size = body[at : at + 4]
        if not re.fullmatch(rb"[0-9a-f]{4}", size):
            return None
        length = int(size, 16)
        if length == 0:
            flushes += 1
            at += 4
            continue
        if length < 4 or at + length > len(body):
            return None
        lines.append(body[at + 4 : at + length])
        at += length
    if flushes < 2 or not lines or not lines[0].startswith(b"# service=git-"):
        return None
    return tuple(dict.fromkeys(match[1].decode("ascii") for line in lines if (match := _REF.match(line))))
