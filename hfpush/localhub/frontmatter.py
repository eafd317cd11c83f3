"""The YAML block at the top of a README.md. Pure."""

from __future__ import annotations

import re
from typing import Any

import yaml

MAX_VALUES = 10_000
"""Values that one block may hold, aliases counted as often as they are used."""

_BLOCK = re.compile(r"\A\ufeff?\s*---[ \t]*\r?\n(.*?)(?:\r?\n)?---[ \t]*(?:\r?\n|\Z)", re.DOTALL)


class BadFrontMatter(ValueError):
    """The block is no YAML, or no mapping; the message says where."""


def front_matter(text: str) -> dict[str, Any]:
    """The fields of the block; empty if there is no block, or nothing in it. Raises BadFrontMatter."""
    found = _BLOCK.match(text)
    if not found:
        return {}
    try:
        parsed = yaml.safe_load(found.group(1))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadFrontMatter(f"Invalid YAML: {error}") from error
    if parsed is None:
        return {}
    if not isinstance(parsed, dict):
        raise BadFrontMatter("The YAML metadata must be a mapping of names to values")
    _check_size(parsed)
    return parsed


def _check_size(value: object) -> None:
    """Aliases let a few lines of YAML stand for any number of values, or for themselves. Raises BadFrontMatter."""
    waiting, seen = [value], 0
    while waiting:
        item = waiting.pop()
        seen += 1
        if seen > MAX_VALUES:
            raise BadFrontMatter(f"The YAML metadata has more than {MAX_VALUES} values")
        if isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list | tuple | set):
            waiting += item
