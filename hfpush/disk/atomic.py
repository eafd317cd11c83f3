"""Small files and links that are either the old one or the new one, never half of it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hfpush.disk.folder import ASIDE, make_folder, make_our_folder, share
from hfpush.disk.trouble import disk_trouble


def replace_with(target: Path, aside_folder: Path, make: Callable[[Path], object], *, shared: bool = False) -> None:
    """Let `make` make something aside, on the same file system, and move it to `target`, over what is there.

    `shared`: it is a file, and as open to a group as the target's folder is. Raises OSError as `make` and the disk
    do; nothing is left aside then.
    """
    aside = aside_folder / f"{secrets.token_hex(8)}{ASIDE}"
    try:
        try:
            make(aside)
        except FileNotFoundError:
            make_our_folder(aside_folder)
            make(aside)
        if shared:
            share(aside, target.parent)
        try:
            os.replace(aside, target)
        except FileNotFoundError:
            make_folder(target.parent)
            if shared:
                share(aside, target.parent)
            os.replace(aside, target)
    except BaseException:
        with suppress(FileNotFoundError):
            aside.unlink()
        raise


def write_text(target: Path, text: str, aside_folder: Path) -> None:
    """Make `target` say `text`, with the rights that a new file gets in that folder. Raises LocalTrouble."""
    try:
        replace_with(target, aside_folder, lambda aside: aside.write_text(text, "utf-8"), shared=True)
    except OSError as error:
        raise disk_trouble(error, target) from error
