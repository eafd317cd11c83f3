"""Which names one folder can hold side by side, and which of a repository's files it therefore cannot take.

A repository may hold `README` and `readme`; a disk of macOS or Windows takes them for one file, and the second would
silently go over the first. What no disk should take at all is told by tree.py.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hfpush.hub.tree import TreeFile, Unsafe

_NOT_ON_WINDOWS = frozenset('<>:"|?*')
_LOOKED_AT = 20
_FOLDING = frozenset(("vfat", "msdos", "exfat", "ntfs", "ntfs3", "fuseblk", "cifs", "smb3"))  # as Linux calls them


@dataclass(frozen=True)
class Naming:
    """What a file system makes of names: `folds` takes `A` for `a`, `windows` also `a.` for `a`, and has no `a:b`."""

    folds: bool = False
    windows: bool = False


def naming_of(folder: Path) -> Naming:
    """The naming of the file system where `folder` is, or will be. Found by reading; nothing is written."""
    there = next(parent for parent in (folder, *folder.parents) if parent.is_dir())
    known = _known_names(there)
    folds = any(_answers_to(path, path.name.swapcase()) for path in known) or (
        not known and _type_of(there) in _FOLDING
    )
    # A disk that folds letters under Linux is one of Windows: FAT, exFAT, NTFS, a share.
    windows = os.name == "nt" or (folds and sys.platform == "linux")
    return Naming(folds, windows or any(_answers_to(path, f"{path.name}.") for path in known))


def refused_names(files: Iterable[TreeFile], naming: Naming) -> tuple[Unsafe, ...]:
    """Those of the files that cannot be written beside the ones before them, in the order of `files`."""
    refused: list[Unsafe] = []
    taken: dict[str, str] = {}
    folders: dict[str, str] = {}
    files = list(files)
    for file in sorted(files, key=lambda file: file.path):
        parts = _folded(file.path, naming).split("/")
        above = ["/".join(parts[:count]) for count in range(1, len(parts))]
        name = "/".join(parts)
        why = _why(file.path, name, above, taken, folders, naming)
        if why is not None:
            refused.append(Unsafe(file.path, why))
            continue
        taken[name] = file.path
        folders.update(dict.fromkeys(above, file.path))
    order = {file.path: number for number, file in enumerate(files)}
    return tuple(sorted(refused, key=lambda one: order[one.path]))


def _why(
    path: str, name: str, above: list[str], taken: dict[str, str], folders: dict[str, str], naming: Naming
) -> str | None:
    if naming.windows and (_NOT_ON_WINDOWS & set(path) or any(part.endswith((".", " ")) for part in path.split("/"))):
        return "has a name that this disk cannot hold"
    if name in taken:
        other = taken[name]
        return "is listed twice" if other == path else f"has the same name on this disk as {other!r}"
    blocking = next((taken[folder] for folder in above if folder in taken), None)
    if blocking is not None:
        return f"lies below another file, {blocking!r}"
    return f"is called like the folder of {folders[name]!r}" if name in folders else None


def _folded(path: str, naming: Naming) -> str:
    if naming.windows:
        path = "/".join(part.rstrip(". ") for part in path.split("/"))
    return unicodedata.normalize("NFC", path).casefold() if naming.folds else path


def _known_names(folder: Path) -> list[Path]:
    """Names in that folder, or its own where it has none and lies on the same file system."""
    try:
        with os.scandir(folder) as entries:
            found = [folder / entry.name for _, entry in zip(range(_LOOKED_AT), entries, strict=False)]
        alone = not found and folder.parent.stat().st_dev == folder.stat().st_dev
    except OSError:  # not ours to read: then it is taken for an ordinary one
        return []
    return [folder] if alone else found


def _type_of(folder: Path) -> str:
    """What Linux calls the file system; nothing where it is not told. For one that is still empty."""
    try:
        device = folder.stat().st_dev
        lines = Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    number = f" {os.major(device)}:{os.minor(device)} "
    return next((line.split(" - ", 1)[1].split(" ")[0] for line in lines if number in line and " - " in line), "")


def _answers_to(path: Path, name: str) -> bool:
    """Whether that file is there under another name as well, though no entry of its own has it."""
    # Not by inode: file systems in user space give each name its own.
    try:
        return name != path.name and os.path.lexists(path.with_name(name)) and name not in os.listdir(path.parent)
    except (OSError, ValueError):
        return False
