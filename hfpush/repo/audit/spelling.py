"""Paths, refs and commands as a person may read them and a shell may take them. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from hfpush import units
from hfpush.repo.rules import shown

SHOWN = 20
"""How many lines of evidence a finding has at most, before it counts the rest."""

_NAMED_REFS = 2
_PREFIXES = (("refs/heads/", ""), ("refs/tags/", "tag "), ("refs/remotes/", ""))


def quoted(text: str) -> str:
    """`text` as one word of a shell line.

    What is not printable, and bytes that are not UTF-8, are written `$'\\xff'`, as bash, zsh and newer sh read it.
    """
    if text.isprintable():
        return shlex.quote(text)
    escaped = "".join(
        f"\\{byte:c}" if byte in b"\\'" else chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}"
        for byte in text.encode("utf-8", "surrogateescape")
    )
    # A digit behind \xNN would be read as a part of it by some shells.
    return "$'" + re.sub(r"(\\x[0-9a-f]{2})(?=[0-9a-fA-F])", r"\1'$'", escaped) + "'"


def command(words: str, place: str) -> str:
    """An hfpush command for the repository at `place`, as the user named it: `hfpush fix`, `hfpush fix 'my model'`."""
    if place in ("", "."):
        return words
    return f"{words} {quoted(f'./{place}' if place.startswith('-') else place)}"


def git_command(place: str, *words: str) -> str:
    """A git command for the repository at `place`; each word is quoted where it has to be."""
    where = [] if place in ("", ".") else ["-C", quoted(place)]
    return " ".join(["git", *where, *map(quoted, words)])


def capped(lines: Sequence[str], most: int = SHOWN) -> tuple[str, ...]:
    """The first lines; the rest is counted in a last one."""
    return (*lines[:most], f"and {len(lines) - most:,} more") if len(lines) > most else tuple(lines)


def ref_name(ref: str) -> str:
    """A ref as people call it: `main`, `tag v1`, `origin/main`, `HEAD`."""
    for prefix, word in _PREFIXES:
        if ref.startswith(prefix):
            return word + shown(ref.removeprefix(prefix))
    return shown(ref)


def ref_names(refs: Sequence[str]) -> str:
    """Some refs in few words: `main, dev and 3 more`; empty for none."""
    named = [ref_name(ref) for ref in refs]
    if len(named) <= _NAMED_REFS + 1:
        return ", ".join(named)
    return f"{', '.join(named[:_NAMED_REFS])} and {units.count(len(named) - _NAMED_REFS, 'more ref')}"
