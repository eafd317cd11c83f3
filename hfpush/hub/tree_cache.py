"""The list of a commit's files as huggingface_hub (1.24 and newer) keeps it, so that offline it knows what is missing.

    <folder>/trees/<commit>.json
    {"format_version": 1, "complete": true, "files": {"config.json": {"size": 519, "blob_id": "…"},
     "model.safetensors": {"size": 9, "blob_id": "…", "lfs_sha256": "…", "lfs_size": 9}}}

Offline, huggingface_hub refuses a snapshot that lacks a listed file. So it is written only when all of them are there,
and never with an `xet_hash`, which would send it to another protocol. huggingface_hub writes it before it fetches, also
where it fetches a few files only; so `complete`, which it does not know, says that all of them were there once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hfpush.disk.atomic import write_text
from hfpush.disk.plain import read_plain
from hfpush.errors import Damaged
from hfpush.hub.tree import TreeFile, parse_tree_entry

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", re.ASCII)
_FORMAT = 1
_MOST_BYTES = 1 << 30  # a million files take a quarter of that


def is_commit(text: str) -> bool:
    """Whether a revision is a full commit id."""
    return _COMMIT.fullmatch(text) is not None


def read_tree(folder: Path, commit: str) -> list[TreeFile] | None:
    """The files at `commit`, as `folder` has them; None when it does not have them in a form that we know."""
    try:
        data = _read(folder, commit)
    except (OSError, ValueError, RecursionError):  # not kept, or cut short by a crash: then the Hub is asked
        return None
    files = data.get("files") if isinstance(data, dict) and data.get("format_version") == _FORMAT else None
    if not isinstance(files, dict):
        return None
    try:
        parsed = [parse_tree_entry(_entry(path, facts)) for path, facts in files.items()]
    except Damaged:  # of another mind than the Hub itself, which is asked then
        return None
    return [file for file in parsed if file is not None]


def was_complete(folder: Path, commit: str) -> bool:
    """Whether all files at `commit` were in `folder` once, so that one which is not there now was lost."""
    try:
        data = _read(folder, commit)
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(data, dict) and data.get("format_version") == _FORMAT and data.get("complete") is True


def write_tree(folder: Path, commit: str, files: Sequence[TreeFile], aside_folder: Path) -> None:
    """Keep the complete list of files at `commit`. Raises LocalTrouble."""
    entries = {file.path: _facts(file) for file in sorted(files, key=lambda file: file.path)}
    data = {"format_version": _FORMAT, "complete": True, "files": entries}
    write_text(folder / "trees" / f"{commit}.json", json.dumps(data, indent=1), aside_folder)


def _read(folder: Path, commit: str) -> Any:
    return json.loads(read_plain(folder / "trees" / f"{commit}.json", _MOST_BYTES))


def _entry(path: str, facts: Any) -> dict[str, Any]:
    if not isinstance(facts, dict):
        return {"path": path}
    entry: dict[str, Any] = {"path": path, "size": facts.get("size"), "oid": facts.get("blob_id")}
    if facts.get("lfs_sha256") is not None:
        entry["lfs"] = {"oid": facts["lfs_sha256"], "size": facts.get("lfs_size")}
    return entry


def _facts(file: TreeFile) -> dict[str, Any]:
    facts: dict[str, Any] = {"size": file.size, "blob_id": file.blob_id}
    if file.pointer is not None:
        facts |= {"lfs_sha256": file.pointer.oid, "lfs_size": file.pointer.size}
    return facts
