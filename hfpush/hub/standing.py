"""What stands at a path, without following it out of its folder."""

from __future__ import annotations

import os
import stat
from enum import Enum
from pathlib import Path


class Standing(Enum):
    """What is there under a name."""

    NOTHING = "nothing"
    FILE = "file"
    LINK = "link"  # to a file, or to nothing
    BLOCKED = "blocked"  # a folder or a device, or a file where a folder must be


def standing(path: Path) -> Standing:
    """What stands at `path`. What we may not look at counts as nothing: writing will say so."""
    try:
        mode = path.lstat().st_mode
    except NotADirectoryError:
        return Standing.BLOCKED
    except (OSError, ValueError):
        return Standing.NOTHING
    if stat.S_ISLNK(mode):
        return Standing.BLOCKED if path.is_dir() else Standing.LINK
    return Standing.FILE if stat.S_ISREG(mode) else Standing.BLOCKED


def may_be_folder(path: Path) -> bool:
    """Whether `path` is a folder, or can become one: what is there of the way to it is a folder."""
    there = next((parent for parent in (path, *path.parents) if os.path.lexists(parent)), path)
    return there.is_dir()


def leads_out(folder: Path, path: str) -> bool:
    """Whether a part of the way from `folder` down to `path` is a link out of it, or no folder at all.

    `folder` itself may be a link: that is where the user points. `path` is relative, and safe (tree.py).
    """
    at = folder
    for part in path.split("/")[:-1]:
        at = at / part
        try:
            mode = at.lstat().st_mode
        except NotADirectoryError:
            return True
        except (OSError, ValueError):  # nothing there yet, or not ours to look at
            return False
        if stat.S_ISLNK(mode):
            real = os.path.realpath(folder)
            if not at.is_dir() or os.path.commonpath((real, os.path.realpath(at))) != real:
                return True
        elif not stat.S_ISDIR(mode):
            return True
    return False
