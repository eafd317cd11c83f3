"""The text of a hook file: our part put in, found, and taken out again without a trace. Pure.

Our part stands between marks, right below the first line, so that it runs before an early `exit 0`. A file that we made
says so in its mark, and is only ours as long as nothing else is in it.
"""

from __future__ import annotations

import re
from typing import Literal

State = Literal["absent", "without", "installed", "outdated"]
BEGIN = b"# >>> hfpush "
END = b"# <<< hfpush "
_ADDED = b", added >>>"
_MADE = b" >>>"
_FIRST_LINE = b"#!/bin/sh\n"


def with_hook(found: bytes | None, script: bytes) -> bytes:
    """The file's text with `script` (one that we ship) in it; `found` is what is there, None for no file.

    Whatever else is in the file stays as it is, byte for byte. Asked again it changes nothing. Raises ValueError when
    the marks in the file do not fit together.
    """
    if found is None:
        return script
    blocks = script.removeprefix(_FIRST_LINE)
    others, made = _others(found)
    if not made:
        first = blocks[: blocks.index(b"\n", blocks.index(b"\n" + END) + 1) + 1]
        start, line_end, rest = first.partition(b"\n")
        blocks = start.removesuffix(_MADE) + _ADDED + line_end + rest
    head = _head(others)
    if head and not head.endswith(b"\n"):
        return head + b"\n" + blocks.removesuffix(b"\n")
    return head + blocks + others[len(head) :]


def without_hook(found: bytes) -> bytes | None:
    """The file's text without our part; None when we made the file and nothing else is in it. Raises ValueError as
    `with_hook`."""
    others, made = _others(found)
    return None if made and others == _FIRST_LINE else others


def state_of(found: bytes | None, script: bytes) -> State:
    """Whether our part is in the file, and the one that we ship. Raises ValueError as `with_hook`."""
    if found is None:
        return "absent"
    if BEGIN not in found and END not in found:
        return "without"
    return "installed" if with_hook(found, script) == found else "outdated"


def has_more(found: bytes) -> bool:
    """Whether the file does anything besides our part."""
    lines = _others(found)[0].splitlines()
    return any(line.strip() and not line.lstrip().startswith(b"#") for line in lines)


def _head(text: bytes) -> bytes:
    """The line that names the interpreter; empty where there is none."""
    return text[: text.find(b"\n") + 1] or text if text.startswith(b"#!") else b""


def _others(text: bytes) -> tuple[bytes, bool]:
    """What is not between our marks, and whether the marks say that we made the file."""
    kept: list[bytes] = []
    inside = made = False
    for line in re.findall(rb"[^\n]*\n|[^\n]+", text):  # splitlines would also cut at a lone carriage return
        if line.startswith(BEGIN):
            if inside:
                raise ValueError("a part of hfpush begins within another one")
            inside = True
            made = made or not line.rstrip().endswith(_ADDED)
        elif line.startswith(END):
            if not inside:
                raise ValueError("a part of hfpush ends that has no beginning")
            inside = False
            if not line.endswith(b"\n") and kept:  # the line above had no newline before we came
                kept[-1] = kept[-1].removesuffix(b"\n")
        elif not inside:
            kept.append(line)
    if inside:
        raise ValueError("a part of hfpush has no end")
    return b"".join(kept), made
