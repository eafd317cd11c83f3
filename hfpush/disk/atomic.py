"""Small files and links that are either the old one or the new one, never half of it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hfpush.disk.folder import make_our_folder
from hfpush.disk.trouble import disk_trouble

_SUFFIX = ".hfpush-new"


def replace_with(target: Path, aside_folder: Path, make: Callable[[Path], object]) -> None:
    """Let `make` make something aside, on the same file system, and move it to `target`, over what is there.

    Raises OSError as `make` and the disk do; nothing is left aside then.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    make_our_folder(aside_folder)
    aside = aside_folder / f"{secrets.token_hex(8)}{_SUFFIX}"
    try:
        make(aside)
        os.replace(aside, target)
    except BaseException:
        with suppress(FileNotFoundError):
            aside.unlink()
        raise


def write_text(target: Path, text: str, aside_folder: Path) -> None:
    """Make `target` say `text`, with the rights that a new file gets. Raises LocalTrouble."""
    try:
        replace_with(target, aside_folder, lambda aside: aside.write_text(text, "utf-8"))
    except OSError as error:
        raise disk_trouble(error, target) from error
