"""One file of a repository as the Hub's tree lists it, checked at the door. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeGuard

from hfpush.errors import Damaged
from hfpush.lfs.pointer import Pointer, is_oid

_BLOB_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", re.ASCII)
# What HFS+ leaves out when it compares names: ".g\u200cit" is ".git" there (git's utf8.c, next_hfs_char).
_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_MOST_FOLDERS, _MOST_BYTES = 200, 2000  # of a path; Linux takes 4096 bytes with the folder before it, macOS 1024
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


@dataclass(frozen=True)
class Unsafe:
    """A file that is listed and must not be written to this disk, and why: a phrase that goes on from "it"."""

    path: str
    why: str


def is_safe_path(path: str) -> bool:
    """Whether a server's file name may become a path below a folder of ours."""
    return why_unsafe(path) is None


def why_unsafe(path: str) -> str | None:
    """Why a server's file name must not become a path below a folder of ours; None when it may.

    Refuses absolute paths, `..` and empty parts, backslashes, drive letters, control characters and broken Unicode,
    Windows' device names and the streams of its files, and `.git` in each spelling that some file system takes for it,
    whatever the system we run on: a repository travels.
    """
    if not path or path.startswith("/"):
        return "has an absolute path" if path else "has no name"
    if "\\" in path or ":" in path.split("/")[0][1:2]:
        return "has a path of Windows, with a backslash or a drive"
    if any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in path):
        return "has a control character in its name"
    if any(0xD800 <= ord(letter) < 0xE000 for letter in path):
        return "has a name that is not Unicode"
    if path.count("/") > _MOST_FOLDERS or len(path.encode()) > _MOST_BYTES:
        return "has a path that is too long for a disk"
    return next((why for part in path.split("/") if (why := _why_unsafe_name(part)) is not None), None)


def _why_unsafe_name(name: str) -> str | None:
    # Windows cuts off dots and spaces at the end, and what follows a colon; git~1 is the short name of .git there.
    bare = _IGNORED.sub("", name).split(":")[0].rstrip(". ").lower()
    if bare == "":
        return "has a path that could lead out of its folder" if name else "has a path with an empty part"
    if bare in (".git", "git~1"):
        return "lies in a folder that git would take for its own"
    if name.split(".")[0].split(":")[0].rstrip(" ").lower() in _WINDOWS_DEVICES:
        return "is called like a device of Windows"
    if ":$" in name:
        return "is called like a stream of another file on Windows"
    return "has a name of more than 255 bytes" if len(name.encode()) > 255 else None


def parse_tree_entry(entry: Any) -> TreeFile | None:
    """The file that one entry of a tree answer describes; None for a directory.

    Raises Damaged for an entry that is not what the Hub promises, and for a path that would leave its folder.
    """
    found = read_tree_entry(entry)
    if isinstance(found, Unsafe):
        raise Damaged.of(
            "path-unsafe",
            "The repository lists a file name that must not be written to a disk.",
            seen=(f"{found.path!r}"[:200] + f" {found.why}",),
            to_try=("tell the repository's owner; nothing was written",),
        )
    return found


def read_tree_entry(entry: Any) -> TreeFile | Unsafe | None:
    """The file that one entry of a tree answer describes, or why it must not be written; None for a directory.

    Raises Damaged for an entry that is not what the Hub promises.
    """
    if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
        raise _unreadable("an entry has no path")
    if entry.get("type") == "directory":
        return None
    path, size, blob_id = entry["path"], entry.get("size"), entry.get("oid")
    why = why_unsafe(path)
    if why is not None:
        return Unsafe(path, why)
    if not _is_size(size) or not isinstance(blob_id, str) or _BLOB_ID.fullmatch(blob_id) is None:
        raise _unreadable(f"{path!r} has no size or no id")
    lfs = entry.get("lfs")
    if lfs is None:
        return TreeFile(path, size, blob_id)
    oid = str(lfs.get("oid", "")).removeprefix("sha256:") if isinstance(lfs, dict) else ""
    if not is_oid(oid) or not _is_size(lfs.get("size")):
        raise _unreadable(f"{path!r} is an LFS file without a readable sha256")
    pointer = Pointer(oid, lfs["size"])
    return TreeFile(path, pointer.size, blob_id, pointer)


def _is_size(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def _unreadable(what: str) -> Damaged:
    return Damaged.of("tree-unreadable", "The Hub's list of files cannot be read.", seen=(what,))
