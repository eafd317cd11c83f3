"""The card of a repository, README.md: is the YAML at its top one that the Hub takes?"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

import yaml

from hfpush.endpoints import RepoType
from hfpush.repo.audit.card_rules import Problem, card_problems

MAX_BLOCK_BYTES = 64 * 1024
"""A longer block is not looked at: somebody else's repository must not keep us busy for seconds."""
# What PyYAML lets out besides its own errors: a 13th month, brackets without end, `!!bool maybe`, `!!timestamp x`.
_FROM_PYTHON = (ValueError, RecursionError, KeyError, IndexError, AttributeError, TypeError, OverflowError)
_BLOCK = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*---[ \t]*(?:\r\n|\r|\n)(.*?)(?:(?:\r\n|\r|\n)|(?<=\n))---[ \t]*(?:\r|\n|\Z)", re.DOTALL
)


# Not the loader in C: a block that is nested deep enough ends the whole process there, and here with an exception.
class _Loader(yaml.SafeLoader):
    """Plain values only, and a key that stands twice in a mapping is an error, as it is to the Hub's own reader."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:merge" and isinstance(key.value, str):
                if key.value in seen:
                    raise yaml.MarkedYAMLError(
                        problem=f"the key {key.value!r} is there twice", problem_mark=key.start_mark
                    )
                seen.add(key.value)
        made: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return made


def judge_card(text: bytes, repo_type: RepoType | None = None) -> tuple[Problem, ...]:
    """What is wrong with a README.md; nothing where it has no block at its top, which the Hub takes.

    `field` of a problem is empty where the block as a whole is meant. Raises nothing, whatever the text is.
    """
    found = _BLOCK.match(text[: MAX_BLOCK_BYTES + 64])
    if found is None or len(found[1]) > MAX_BLOCK_BYTES:
        return ()
    try:
        fields = yaml.load(found[1].decode("utf-8"), _Loader)
    except UnicodeDecodeError:
        return (Problem("", "is not UTF-8"),)
    except yaml.MarkedYAMLError as error:
        at = f" in line {error.problem_mark.line + 2}" if error.problem_mark is not None else ""
        why = f"is no YAML: {error.problem or error.context or 'it cannot be read'}{at}"
        # What Python makes of a value is not what the Hub's own reader, which is not in Python, makes of it.
        return (Problem("", why, refused=not isinstance(error, yaml.constructor.ConstructorError)),)
    except (yaml.YAMLError, *_FROM_PYTHON) as error:
        return (Problem("", f"cannot be read: {str(error)[:200]}", refused=isinstance(error, yaml.YAMLError)),)
    if fields is None:
        return ()
    if not isinstance(fields, dict):
        return (Problem("", "is not made of `name: value` lines"),)
    return card_problems({str(name): value for name, value in fields.items()}, repo_type)
