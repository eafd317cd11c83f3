"""Small YAML files that a person wrote, or somebody else: read without aliases, tags, links to devices, or surprises.

What the keys mean is the business of whoever reads the file; here each of them has its line.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from hfpush.errors import Misuse

_MOST_BYTES = 65_536
# What PyYAML lets out besides its own errors: a 13th month, brackets without end, `!!bool maybe`, `!!timestamp x`.
_NOT_YAML = (yaml.YAMLError, ValueError, RecursionError, KeyError, IndexError, AttributeError, TypeError)


@dataclass(frozen=True)
class PlainYaml:
    """A mapping from a file, empty where there is no file. `lines` are the line numbers of its keys, by their path."""

    path: Path
    data: Mapping[Any, Any] = field(default_factory=dict)
    lines: Mapping[tuple[Any, ...], int] = field(default_factory=dict)

    def at(self, *keys: Any) -> str:
        """The place of a key, for people: the file, and the line where it is known."""
        line = self.lines.get(keys)
        return str(self.path) if line is None else f"{self.path}, line {line}"


def read_plain_yaml(path: Path) -> PlainYaml:
    """The mapping in a file, none if there is no file. Raises Misuse (`settings-unreadable`) for anything else."""
    text = _text_of(path)
    try:
        loader = _Plain(text)
        try:
            node = loader.get_single_node()
            data = None if node is None else loader.construct_document(node)
        finally:
            loader.dispose()
    except _NOT_YAML as error:
        # Not in the error's own words, which quote the file: a repository's may be a link to one that is private.
        mark = getattr(error, "problem_mark", None)
        seen = (str(path) if mark is None else f"{path}, line {mark.line + 1}",)
        raise Misuse.of("settings-unreadable", "A settings file is not plain YAML.", seen=seen) from error
    if data is None:
        return PlainYaml(path)
    if not isinstance(data, dict):
        raise Misuse.of("settings-unreadable", "A settings file must hold `key: value` lines.", seen=(str(path),))
    return PlainYaml(path, data, dict(_lines(node)))


class _Plain(yaml.SafeLoader):
    """YAML without aliases: with them a few lines describe more than a memory holds."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("there are aliases (*name) in it")
        return super().compose_node(parent, index)


def _lines(node: yaml.Node | None, path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], int]]:
    found = []
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                place = (*path, key.value)
                found.append((place, key.start_mark.line + 1))
                found += _lines(value, place)
    return found


def _text_of(path: Path) -> str:
    """The content of a file that may be somebody else's: empty if there is none; nothing but a small, plain file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))  # a pipe would be waited for
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise _unreadable(path, error.strerror or type(error).__name__) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _unreadable(path, "it is not a plain file")
    with open(descriptor, "rb") as stream:
        content = stream.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise _unreadable(path, f"it has more than {_MOST_BYTES:,} bytes")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable(path, "it is not UTF-8") from error


def _unreadable(path: Path, why: str) -> Misuse:
    return Misuse.of("settings-unreadable", "A settings file cannot be read.", seen=(f"{path}: {why}",))
