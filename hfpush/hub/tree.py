"""One file of a repository as the Hub's tree lists it, checked at the door. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hfpush.errors import Damaged
from hfpush.lfs.pointer import Pointer, is_oid

_WINDOWS_DEVICES = {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}


@dataclass(frozen=True)
class TreeFile:
    """A file at a commit: its path (safe to join below a folder), size in bytes, git blob id, its LFS object if any.

    For an LFS file `size` is the object's size and `pointer` its digest; `blob_id` is then the pointer's git id.
    """

    path: str
    size: int
    blob_id: str
    pointer: Pointer | None = None


def is_safe_path(path: str) -> bool:
    """Whether a server's file name may become a path below a folder of ours.

    Refuses absolute paths, `..` and empty parts, backslashes, drive letters, control characters, `.git` and Windows'
    device names, whatever the system we run on: a repository travels.
    """
    if not path or path.startswith("/") or "\\" in path or ":" in path.split("/")[0][1:2]:
        return False
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in path):
        return False
    for part in path.split("/"):
        stem = part.split(".")[0].rstrip(" ").lower()
        if part in ("", ".", "..") or part.lower() == ".git" or stem in _WINDOWS_DEVICES or len(part.encode()) > 255:
            return False
    return True


def parse_tree_entry(entry: Any) -> TreeFile | None:
    """The file that one entry of a tree answer describes; None for a directory.

    Raises Damaged for an entry that is not what the Hub promises, and for a path that would leave its folder.
    """
    if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
        raise _unreadable("an entry has no path")
    if entry.get("type") == "directory":
        return None
    path, size, blob_id = entry["path"], entry.get("size"), entry.get("oid")
    if not is_safe_path(path):
        raise Damaged.of(
            "path-unsafe",
            "The repository lists a file name that must not be written to a disk.",
            seen=(repr(path)[:200],),
            to_try=("tell the repository's owner; nothing was written",),
        )
    if not isinstance(size, int) or size < 0 or not isinstance(blob_id, str):
        raise _unreadable(f"{path!r} has no size or no id")
    lfs = entry.get("lfs")
    if lfs is None:
        return TreeFile(path, size, blob_id)
    oid = str(lfs.get("oid", "")).removeprefix("sha256:") if isinstance(lfs, dict) else ""
    if not is_oid(oid) or not isinstance(lfs.get("size"), int):
        raise _unreadable(f"{path!r} is an LFS file without a readable sha256")
    return TreeFile(path, lfs["size"], blob_id, Pointer(oid, lfs["size"]))


def _unreadable(what: str) -> Damaged:
    return Damaged.of("tree-unreadable", "The Hub's list of files cannot be read.", seen=(what,))
