"""Where git's settings stand: their files, read once each, and the line of each setting in them.

`git config --show-origin` tells the file of a setting, in its order of reading, and not the line.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from hfpush.repo.config_lines import key_lines

_MOST_BYTES = 2**20


class ConfigFiles:
    """The files of one listing of settings. Ask in the listing's order: a key that stands in a file several times has
    one line after the other."""

    def __init__(self) -> None:
        self._rest: dict[Path, Iterator[tuple[str, int]]] = {}

    def line(self, file: Path, key: str) -> int | None:
        """The line of the next `key`, spelt as git lists it; None where it cannot be told."""
        if file not in self._rest:
            self._rest[file] = iter(key_lines(content_of(file).decode("utf-8", "surrogateescape")))
        return next((line for written, line in self._rest[file] if written == key), None)


def content_of(file: Path) -> bytes:
    """The first megabyte of a file; nothing for one that is missing, no file, or not to be read: git may read what we
    may not."""
    with suppress(OSError, ValueError):
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(descriptor, "rb") as stream:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                return stream.read(_MOST_BYTES)
    return b""
